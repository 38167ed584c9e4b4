package release

import (
	"archive/zip"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// javaPackages holds what Maven Central demands of a package: a pom that says whose it is, sources and documentation.
//
// Source: https://central.sonatype.org/publish/requirements/
func javaPackages(t *testing.T, dir string) {
	t.Helper()
	name := "pulumi-ci-oidc-trust-" + version(t)
	var want []string
	for _, end := range central {
		want = append(want, name+end)
	}
	require.ElementsMatch(t, want, namesIn(t, dir))
	aPomForMavenCentral(t, filepath.Join(dir, name+".pom"))
	for end, content := range map[string]string{
		".jar":         "io/github/cioidctrust/pulumi/CiOidcTrust.class",
		"-sources.jar": "io/github/cioidctrust/pulumi/CiOidcTrust.java",
		"-javadoc.jar": "io/github/cioidctrust/pulumi/CiOidcTrust.html",
	} {
		jar, err := zip.OpenReader(filepath.Join(dir, name+end))
		require.NoError(t, err)
		var names []string
		for _, file := range jar.File {
			names = append(names, file.Name)
		}
		assert.True(t, slices.Contains(names, content), "%s in %s", content, end)
		require.NoError(t, jar.Close())
	}
}

func aPomForMavenCentral(t *testing.T, file string) {
	t.Helper()
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	var pom struct {
		Group       string `xml:"groupId"`
		Artifact    string `xml:"artifactId"`
		Version     string `xml:"version"`
		Name        string `xml:"name"`
		Description string `xml:"description"`
		URL         string `xml:"url"`
		License     struct {
			Name string `xml:"name"`
			URL  string `xml:"url"`
		} `xml:"licenses>license"`
		Developer struct {
			Name         string `xml:"name"`
			Organization string `xml:"organization"`
			URL          string `xml:"organizationUrl"`
		} `xml:"developers>developer"`
		SCM struct {
			URL        string `xml:"url"`
			Connection string `xml:"connection"`
			Developer  string `xml:"developerConnection"`
		} `xml:"scm"`
	}
	require.NoError(t, xml.Unmarshal(written, &pom))
	assert.Equal(t, "io.github.ci-oidc-trust", pom.Group)
	assert.Equal(t, "pulumi-ci-oidc-trust", pom.Artifact)
	assert.Equal(t, version(t), pom.Version)
	for _, text := range []string{
		pom.Name, pom.Description, pom.URL, pom.License.Name, pom.License.URL, pom.Developer.Name,
		pom.Developer.Organization, pom.Developer.URL, pom.SCM.URL, pom.SCM.Connection, pom.SCM.Developer,
	} {
		assert.NotEmpty(t, text)
	}
}

func TestThePomHasAllThatMavenCentralDemands(t *testing.T) {
	t.Parallel()
	aPomForMavenCentral(t, filepath.Join(root, "sdk", "java", "pom.xml"))
}
