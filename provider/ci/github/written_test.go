package github

import "maps"

// acmeWeb is a repository with its ids.
const acmeWeb = "acme@1234567/web@89012345"

// github is a section with one repository.
func github(repository string, words object) object {
	item := object{"repository": repository}
	maps.Copy(item, words)
	return object{"github": object{"repositories": list{item}}}
}
