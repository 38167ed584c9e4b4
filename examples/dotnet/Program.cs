using System.Collections.Generic;
using CiOidc.Trust;
using CiOidc.Trust.Inputs;
using Pulumi;

return await Deployment.RunAsync(() =>
{
    var deploy = new CiOidcTrust("deploy", new CiOidcTrustArgs
    {
        Github = new GitHubTrustArgs
        {
            Repositories = new[]
            {
                new GitHubRepositoryArgs
                {
                    Repository = "acme@1234567/web@89012345",
                    Branches = new[] { "main" },
                    Environments = new[] { "production" },
                },
            },
        },
        Circleci = new CircleCiTrustArgs
        {
            OrganizationId = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11",
            Projects = new[]
            {
                new CircleCiProjectArgs
                {
                    Id = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70",
                    VcsOrigin = "github.com/acme/web",
                    Branches = new[] { "main" },
                },
            },
        },
        PolicyArns = new[] { "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
    });

    return new Dictionary<string, object?>
    {
        ["roleArn"] = deploy.RoleArn,
        ["roleName"] = deploy.RoleName,
        ["providerArns"] = deploy.ProviderArns,
        ["trustPolicy"] = deploy.TrustPolicy,
        ["grants"] = deploy.Grants,
        ["findings"] = deploy.Findings,
        ["pipelineConfigs"] = deploy.PipelineConfigs,
    };
});
