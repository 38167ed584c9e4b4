package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

// drawLogo draws docs/logo.svg as NuGet wants it, in PNG: a key ring that is closed by a tick. The numbers are those of
// the SVG, whose side is 64.
func drawLogo() ([]byte, error) {
	const side = 128
	picture := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			picture.Set(x, y, logoAt((float64(x)+0.5)*64/side, (float64(y)+0.5)*64/side))
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, picture)
	return out.Bytes(), err
}

func logoAt(x, y float64) color.Color {
	navy, mint := color.NRGBA{0x14, 0x21, 0x3d, 0xff}, color.NRGBA{0x2e, 0xc4, 0xb6, 0xff}
	ring := math.Abs(math.Hypot(x-32, y-32) - 23)
	tick := math.Min(fromLine(x, y, 21, 33, 29, 41), fromLine(x, y, 29, 41, 44, 24))
	switch {
	case tick <= 3.5:
		return mint
	case ring <= 4:
		return navy
	}
	return color.NRGBA{}
}

// fromLine is how far a point is from a line between two others.
func fromLine(x, y, x1, y1, x2, y2 float64) float64 {
	dx, dy := x2-x1, y2-y1
	at := math.Max(0, math.Min(1, ((x-x1)*dx+(y-y1)*dy)/(dx*dx+dy*dy)))
	return math.Hypot(x-x1-at*dx, y-y1-at*dy)
}
