package circleci

import "maps"

const (
	organization = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	ourProject   = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"
	otherProject = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c71"
	origin       = "github.com/acme/web"
)

// circleci is a section with one project.
func circleci(words object) object {
	item := object{"id": ourProject}
	maps.Copy(item, words)
	return object{"circleci": object{"organizationId": organization, "projects": list{item}}}
}
