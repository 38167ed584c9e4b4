package myproject;

import com.pulumi.Pulumi;
import io.github.cioidctrust.pulumi.CiOidcTrust;
import io.github.cioidctrust.pulumi.CiOidcTrustArgs;
import io.github.cioidctrust.pulumi.inputs.CircleCiTrustArgs;
import io.github.cioidctrust.pulumi.inputs.CircleCiProjectArgs;
import io.github.cioidctrust.pulumi.inputs.GitHubTrustArgs;
import io.github.cioidctrust.pulumi.inputs.GitHubRepositoryArgs;
import java.util.Map;
import java.util.stream.Collectors;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var deploy = new CiOidcTrust("deploy", CiOidcTrustArgs.builder()
                .github(GitHubTrustArgs.builder()
                    .repositories(GitHubRepositoryArgs.builder()
                        .repository("acme@1234567/web@89012345")
                        .branches("main")
                        .environments("production")
                        .build())
                    .build())
                .circleci(CircleCiTrustArgs.builder()
                    .organizationId("6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11")
                    .projects(CircleCiProjectArgs.builder()
                        .id("0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70")
                        .vcsOrigin("github.com/acme/web")
                        .branches("main")
                        .build())
                    .build())
                .policyArns("arn:aws:iam::aws:policy/AmazonS3FullAccess")
                .build());

            ctx.export("roleArn", deploy.roleArn());
            ctx.export("roleName", deploy.roleName());
            ctx.export("providerArns", deploy.providerArns());
            ctx.export("trustPolicy", deploy.trustPolicy());
            ctx.export("grants", deploy.grants());
            ctx.export("findings", deploy.findings().applyValue(findings -> findings.stream()
                .map(f -> Map.of("id", f.id(), "severity", f.severity(), "message", f.message(),
                    "remediation", f.remediation()))
                .collect(Collectors.toList())));
            ctx.export("pipelineConfigs", deploy.pipelineConfigs());
        });
    }
}
