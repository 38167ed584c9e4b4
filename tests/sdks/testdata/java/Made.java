import static io.github.cioidctrust.pulumi.CioidctrustFunctions.*;

import com.google.gson.Gson;
import com.pulumi.Context;
import com.pulumi.automation.LocalWorkspace;
import com.pulumi.automation.LocalWorkspaceOptions;
import com.pulumi.automation.PreviewOptions;
import com.pulumi.core.Either;
import com.pulumi.core.Output;
import com.pulumi.exceptions.MissingRequiredPropertyException;
import io.github.cioidctrust.pulumi.*;
import io.github.cioidctrust.pulumi.enums.TerraformStateMode;
import io.github.cioidctrust.pulumi.inputs.*;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

/** Makes each mistake of docs/mistakes.md that javac does not find, and prints for each who said what. */
public class Made {
    public static void main(String[] args) throws Exception {
        var folder = Path.of("").toAbsolutePath();
        try (var stack = LocalWorkspace.createOrSelectStack("ci-oidc-trust-java", "mistakes", Made::program,
                LocalWorkspaceOptions.builder().workDir(folder).build())) {
            stack.preview(PreviewOptions.builder().onStandardOutput(System.out::println).build());
        }
    }

    static void program(Context ctx) {
        var hush = Output.ofSecret("hush-hush");
        switch (System.getenv("PLACE")) {
            case "CiOidcTrust":
                new CiOidcTrust("deploy", CiOidcTrustArgs.builder()
                    .acceptRisks(Either.ofLeft("github-any-refs"))
                    .build());
                break;
            case "secrets":
                new CiOidcTrust("deploy", CiOidcTrustArgs.builder()
                    .roleName(hush)
                    .path(hush)
                    .acceptRisks(hush.applyValue(id -> List.of(Either.ofLeft(id))))
                    .build());
                break;
            default:
                functions();
        }
    }

    static void functions() {
        attempt("CiOidcTrust, a missing one", () -> GitHubRepositoryArgs.builder().branches("main").build());
        attempt("CiOidcProviders, a missing one", () -> CircleCiProviderArgs.builder().build());
        attempt("auditTrust, a missing one", () -> auditTrustPlain(AuditTrustPlainArgs.builder().build()).get());
        attempt("evaluateTrust, a missing one", () ->
            evaluateTrustPlain(EvaluateTrustPlainArgs.builder().claims("{}").build()).get());
        attempt("diffTrust, a missing one", () ->
            diffTrustPlain(DiffTrustPlainArgs.builder().before("{}").build()).get());
        attempt("renderTrust, a missing one", () ->
            renderTrustPlain(RenderTrustPlainArgs.builder().github(web()).build()).get());
        attempt("renderTrust, a misspelt id", () -> renderTrustPlain(RenderTrustPlainArgs.builder()
            .accountId("123456789012")
            .github(web())
            .acceptRisks(Either.ofLeft("github-any-refs"))
            .build()).get());
        attempt("permissions, a missing one", () -> permissionsPlain(PermissionsPlainArgs.builder()
            .terraformState(TerraformState.builder().bucket("acme-state").mode(TerraformStateMode.Apply).build())
            .build()).get());
    }

    static GitHubTrust web() {
        return GitHubTrust.builder()
            .repositories(GitHubRepository.builder().repository("acme@1234567/web@89012345").branches("main").build())
            .build();
    }

    static void attempt(String cell, Callable<?> mistake) {
        var by = "nobody";
        var text = "";
        try {
            mistake.call();
        } catch (MissingRequiredPropertyException thrown) {
            by = "SDK";
            text = thrown.getMessage();
        } catch (ExecutionException thrown) {
            by = "plugin";
            text = thrown.getCause().getMessage();
        } catch (Exception thrown) {
            text = thrown.toString();
        }
        System.out.println("said " + new Gson().toJson(Map.of("cell", cell, "by", by, "text", text)));
    }
}
