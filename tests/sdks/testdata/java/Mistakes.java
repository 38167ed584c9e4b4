import static io.github.cioidctrust.pulumi.CioidctrustFunctions.*;

import io.github.cioidctrust.pulumi.*;
import io.github.cioidctrust.pulumi.enums.*;
import io.github.cioidctrust.pulumi.inputs.*;

/** Makes each mistake of docs/mistakes.md that javac finds: a comment names the mistake of the lines below it. */
class Mistakes {
    void components() {
        // CiOidcTrust, a wrong type
        CiOidcTrustArgs.builder().maxSessionDuration("an hour");
        // CiOidcTrust, a misspelt name
        CiOidcTrustArgs.builder().permissionBoundary("arn");
        // CiOidcTrust, a misspelt name inside
        GitLabProjectArgs.builder().path("acme/web").branch("main");
        // CiOidcTrust, a value that there is not
        VercelTrustArgs.builder().team("acme").issuerMode(VercelIssuerMode.Teams);
        // CiOidcProviders, a wrong type
        CiOidcProvidersArgs.builder().retain("yes");
        // CiOidcProviders, a misspelt name
        CiOidcProvidersArgs.builder().retained(false);
        // CiOidcProviders, a misspelt name inside
        GitHubProviderArgs.builder().hostnam("github.acme.example");
        // CiOidcProviders, a value that there is not
        VercelProviderArgs.builder().team("acme").issuerMode(VercelIssuerMode.Teams);
    }

    void functions() {
        // auditTrust, a wrong type
        auditTrust(AuditTrustArgs.builder().trustPolicy(7).build());
        // auditTrust, a misspelt name
        auditTrust(AuditTrustArgs.builder().trustPolicies("{}").build());
        // evaluateTrust, a wrong type
        evaluateTrust(EvaluateTrustArgs.builder().trustPolicy("{}").partial("yes").build());
        // evaluateTrust, a misspelt name
        evaluateTrust(EvaluateTrustArgs.builder().trustPolicy("{}").claim("{}").build());
        // diffTrust, a wrong type
        diffTrust(DiffTrustArgs.builder().before(7).after("{}").build());
        // diffTrust, a misspelt name
        diffTrust(DiffTrustArgs.builder().befor("{}").after("{}").build());
        // renderTrust, a wrong type
        renderTrust(RenderTrustArgs.builder().maxSessionDuration("an hour").build());
        // renderTrust, a misspelt name
        renderTrust(RenderTrustArgs.builder().acountId("123456789012").build());
        // renderTrust, a misspelt name inside
        GitHubTrustArgs.builder().repository(GitHubRepositoryArgs.builder().build());
        // renderTrust, a value that there is not
        renderTrust(RenderTrustArgs.builder().partition(AwsPartition.AwsUsgov).build());
        // permissions, a wrong type
        permissions(PermissionsArgs.builder().s3Site("acme-site").build());
        // permissions, a misspelt name
        permissions(PermissionsArgs.builder().teraformState(TerraformStateArgs.builder().build()).build());
        // permissions, a misspelt name inside
        TerraformStateArgs.builder().bucket("acme-state").lockTables("locks");
        // permissions, a value that there is not
        TerraformStateArgs.builder().bucket("acme-state").mode(TerraformStateMode.Aply);
    }
}
