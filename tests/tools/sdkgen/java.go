package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"text/template"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// The Maven coordinates. A group of Maven Central has to be proved: io.github.OWNER is, by the owner's account. The
// packages of the code have no hyphen, which Java does not take.
//
// Source: https://central.sonatype.org/register/namespace/
const (
	javaGroup    = "io.github.ci-oidc-trust"
	javaArtifact = "pulumi-ci-oidc-trust"
)

// generateJava gives the sources of the generator, with a build for Maven in the place of its Gradle files, and the two
// resources that these would make: the code reads its version from one, and Pulumi the plugin from the other.
func generateJava(pkg *schema.Package, rawSchema []byte) (map[string][]byte, error) {
	files, err := generateBy("java", rawSchema)
	if err != nil {
		return nil, err
	}
	for name := range files {
		if strings.HasSuffix(name, ".gradle") {
			delete(files, name)
		}
	}
	var language struct {
		BasePackage  string            `json:"basePackage"`
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := json.Unmarshal(languageOf(pkg, "java"), &language); err != nil {
		return nil, err
	}
	version := pkg.Version.String()
	plugin, err := json.MarshalIndent(map[string]any{
		"resource": true, "name": pkg.Name, "version": version, "server": pkg.PluginDownloadURL,
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	resources := path.Join("src/main/resources", strings.ReplaceAll(language.BasePackage, ".", "/"), pkg.Name)
	files[path.Join(resources, "version.txt")] = []byte(version + "\n")
	files[path.Join(resources, "plugin.json")] = append(plugin, '\n')
	var pom bytes.Buffer
	if err := pomTemplate.Execute(&pom, map[string]string{
		"Group": javaGroup, "Artifact": javaArtifact, "Version": version, "Description": pkg.Description,
		"URL": pkg.Repository, "Pulumi": language.Dependencies["com.pulumi:pulumi"],
	}); err != nil {
		return nil, err
	}
	files["pom.xml"] = pom.Bytes()
	files["README.md"] = []byte(fmt.Sprintf(javaReadme, javaGroup, javaArtifact, version, pkg.Repository))
	return files, nil
}

// languageOf is what the schema says for one language.
func languageOf(pkg *schema.Package, name string) json.RawMessage {
	if raw, is := pkg.Language[name].(json.RawMessage); is {
		return raw
	}
	return json.RawMessage("{}")
}

const javaReadme = `# pulumi-ci-oidc-trust for Java

One AWS IAM role that exactly the CI jobs you name may assume with their OIDC token: no stored AWS keys.

` + "```xml" + `
<dependency>
    <groupId>%s</groupId>
    <artifactId>%s</artifactId>
    <version>%s</version>
</dependency>
` + "```" + `

Everything else: %s
`

// Versions of the plugins are those that build the SDK in the tests.
var pomTemplate = template.Must(template.New("pom.xml").Parse(`<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by sdkgen (make generate). -->
<project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd">
    <modelVersion>4.0.0</modelVersion>
    <groupId>{{.Group}}</groupId>
    <artifactId>{{.Artifact}}</artifactId>
    <version>{{.Version}}</version>
    <packaging>jar</packaging>
    <name>{{.Artifact}}</name>
    <description>{{html .Description}}</description>
    <url>{{.URL}}</url>
    <licenses>
        <license>
            <name>Apache-2.0</name>
            <url>https://www.apache.org/licenses/LICENSE-2.0.txt</url>
        </license>
    </licenses>
    <developers>
        <developer>
            <name>the ci-oidc-trust maintainers</name>
            <organization>ci-oidc-trust</organization>
            <organizationUrl>{{.URL}}</organizationUrl>
            <url>{{.URL}}</url>
        </developer>
    </developers>
    <scm>
        <url>{{.URL}}</url>
        <connection>scm:git:{{.URL}}.git</connection>
        <developerConnection>scm:git:{{.URL}}.git</developerConnection>
    </scm>
    <properties>
        <maven.compiler.release>11</maven.compiler.release>
        <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
        <project.build.outputTimestamp>2026-01-01T00:00:00Z</project.build.outputTimestamp>
    </properties>
    <dependencies>
        <dependency>
            <groupId>com.pulumi</groupId>
            <artifactId>pulumi</artifactId>
            <version>{{.Pulumi}}</version>
        </dependency>
        <dependency>
            <groupId>com.google.code.findbugs</groupId>
            <artifactId>jsr305</artifactId>
            <version>3.0.2</version>
        </dependency>
        <dependency>
            <groupId>com.google.code.gson</groupId>
            <artifactId>gson</artifactId>
            <version>2.8.9</version>
        </dependency>
    </dependencies>
    <build>
        <plugins>
            <plugin>
                <groupId>org.apache.maven.plugins</groupId>
                <artifactId>maven-compiler-plugin</artifactId>
                <version>3.13.0</version>
            </plugin>
            <plugin>
                <groupId>org.apache.maven.plugins</groupId>
                <artifactId>maven-resources-plugin</artifactId>
                <version>3.3.1</version>
            </plugin>
            <plugin>
                <groupId>org.apache.maven.plugins</groupId>
                <artifactId>maven-jar-plugin</artifactId>
                <version>3.4.2</version>
            </plugin>
        </plugins>
    </build>
    <profiles>
        <profile>
            <!-- What Maven Central wants beside the jar: mvn -P release package. -->
            <id>release</id>
            <build>
                <plugins>
                    <plugin>
                        <groupId>org.apache.maven.plugins</groupId>
                        <artifactId>maven-source-plugin</artifactId>
                        <version>3.3.1</version>
                        <executions>
                            <execution>
                                <goals><goal>jar-no-fork</goal></goals>
                            </execution>
                        </executions>
                    </plugin>
                    <plugin>
                        <groupId>org.apache.maven.plugins</groupId>
                        <artifactId>maven-javadoc-plugin</artifactId>
                        <version>3.11.3</version>
                        <configuration>
                            <doclint>none</doclint>
                            <quiet>true</quiet>
                            <notimestamp>true</notimestamp>
                        </configuration>
                        <executions>
                            <execution>
                                <goals><goal>jar</goal></goals>
                            </execution>
                        </executions>
                    </plugin>
                </plugins>
            </build>
        </profile>
    </profiles>
</project>
`))
