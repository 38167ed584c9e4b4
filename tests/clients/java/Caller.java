import java.time.Duration;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.StsClientBuilder;

/**
 * Prints who a job is by the default chain of the AWS SDK for Java 2, or the code of the error. An argument is the length
 * of the session in seconds.
 */
public final class Caller {
    private Caller() {
    }

    /** Asks STS. */
    public static void main(String[] arguments) {
        StsClientBuilder builder = StsClient.builder().httpClient(UrlConnectionHttpClient.create());
        if (arguments.length > 0) {
            builder.credentialsProvider(WebIdentityTokenFileCredentialsProvider.builder()
                    .roleSessionDuration(Duration.ofSeconds(Integer.parseInt(arguments[0]))).build());
        }
        try (StsClient sts = builder.build()) {
            System.out.println(sts.getCallerIdentity().arn());
        } catch (SdkException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof AwsServiceException refusal && refusal.awsErrorDetails() != null) {
                    System.out.println(refusal.awsErrorDetails().errorCode());
                    System.exit(1);
                }
            }
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }
}
