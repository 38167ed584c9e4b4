import static io.github.cioidctrust.pulumi.CioidctrustFunctions.*;

import com.google.gson.Gson;
import com.pulumi.Context;
import com.pulumi.automation.DestroyOptions;
import com.pulumi.automation.LocalWorkspace;
import com.pulumi.automation.LocalWorkspaceOptions;
import com.pulumi.automation.PreviewOptions;
import com.pulumi.automation.UpOptions;
import com.pulumi.core.Output;
import io.github.cioidctrust.pulumi.*;
import io.github.cioidctrust.pulumi.enums.HcpTerraformRunPhase;
import io.github.cioidctrust.pulumi.inputs.*;
import java.nio.file.Path;
import java.util.Map;

/** Runs one verb on a stack with both components, a value of an enum, and a function in both of its forms. */
public class Whole {
    public static void main(String[] args) throws Exception {
        var folder = Path.of("").toAbsolutePath();
        try (var stack = LocalWorkspace.createOrSelectStack("ci-oidc-trust-java", "dev", Whole::program,
                LocalWorkspaceOptions.builder().workDir(folder).build())) {
            switch (System.getenv("VERB")) {
                case "up":
                    stack.up(UpOptions.builder().onStandardOutput(System.out::println).build());
                    break;
                case "preview":
                    stack.preview(PreviewOptions.builder().expectNoChanges(true).onStandardOutput(System.out::println)
                        .build());
                    break;
                default:
                    stack.destroy(DestroyOptions.builder().onStandardOutput(System.out::println).build());
            }
        }
    }

    static void program(Context ctx) {
        var shared = new CiOidcProviders("shared", CiOidcProvidersArgs.builder()
            .github(GitHubProviderArgs.builder().build())
            .hcpTerraform(HcpTerraformProviderArgs.builder().build())
            .retain(false)
            .build());
        var deploy = new CiOidcTrust("deploy", CiOidcTrustArgs.builder()
            .providerArns(shared.providerArns())
            .github(GitHubTrustArgs.builder()
                .repositories(GitHubRepositoryArgs.builder()
                    .repository("acme@1234567/web@89012345")
                    .branches("main")
                    .build())
                .build())
            .hcpTerraform(HcpTerraformTrustArgs.builder()
                .organization("acme")
                .workspaces(HcpTerraformWorkspaceArgs.builder()
                    .project("Default Project")
                    .name("web")
                    .runPhases(HcpTerraformRunPhase.Apply)
                    .build())
                .build())
            .build());
        var claims = new Gson().toJson(Map.of(
            "iss", "https://token.actions.githubusercontent.com",
            "aud", "sts.amazonaws.com",
            "sub", "repo:acme@1234567/web@89012345:pull_request"));

        ctx.export("roleArn", deploy.roleArn());
        ctx.export("pullRequestGetsIn", evaluateTrust(EvaluateTrustArgs.builder()
            .trustPolicy(deploy.trustPolicy())
            .claims(claims)
            .partial(true)
            .build()).applyValue(answer -> answer.allowed()));
        // Text: the Automation API of com.pulumi:pulumi 1.36.1 reads no list among the outputs.
        ctx.export("why", deploy.trustPolicy().apply(policy -> Output.of(evaluateTrustPlain(
            EvaluateTrustPlainArgs.builder().trustPolicy(policy).claims(claims).partial(true).build())))
            .applyValue(answer -> String.join("\n", answer.explanation())));
    }
}
