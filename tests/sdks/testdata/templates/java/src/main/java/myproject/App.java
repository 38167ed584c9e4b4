package myproject;

import com.pulumi.Pulumi;

public class App {
    public static void main(String[] args) {
        Pulumi.run(context -> context.log().info("nothing yet"));
    }
}
