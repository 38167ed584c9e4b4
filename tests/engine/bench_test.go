package engine

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
)

// trusts is a program of n trusts, each with an organization, and so an issuer, of its own.
func trusts(n int) program {
	return func(p *running) error {
		for i := range n {
			organization := fmt.Sprintf("6f1b5a0e-3c52-4d0b-9a44-%012x", i)
			section := with(circleci(), props{"organizationId": organization})
			if _, err := p.component(fmt.Sprintf("deploy-%d", i), props{"circleci": section},
				deploytest.ResourceOptions{}); err != nil {
				return err
			}
		}
		return nil
	}
}

// BenchmarkPreview is the preview of a stack that is not up yet, with the engine, both plugins and their start in it.
func BenchmarkPreview(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("trusts=%d", n), func(b *testing.B) {
			w := newWorld(b)
			for b.Loop() {
				if r := w.preview(trusts(n)); r.err != nil {
					b.Fatal(r.err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*n), "ms/trust")
		})
	}
}

// BenchmarkUp is the first update of a stack, against the local AWS. More than 100 issuers would be over the quota of
// an account, which the local AWS has too. The engine writes its whole checkpoint after every step, so that its own
// share grows with the square of the number of resources.
func BenchmarkUp(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("trusts=%d", n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b)
				b.StartTimer()
				if r := w.up(trusts(n)); r.err != nil {
					b.Fatal(r.err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*n), "ms/trust")
		})
	}
}
