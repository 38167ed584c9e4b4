package ci

// AllSystems is the registry of every CI system. A system is one line here.
func AllSystems() *Registry {
	named := []System{
		AzureDevOps{},
		Bitbucket{},
		Buildkite{},
		CircleCI{},
		Codefresh{},
		Concourse{},
		Depot{},
		Env0{},
		FlyIo{},
		Forgejo{},
		GitHub{},
		GitLab{},
		GoogleCloudBuild{},
		Harness{},
		HCPTerraform{},
		Jenkins{},
		OctopusDeploy{},
		PulumiCloud{},
		Scalr{},
		Semaphore{},
		Spacelift{},
		TeamCity{},
		Vercel{},
	}
	return NewRegistry(append(named, Custom{NewRegistry(named...)})...)
}
