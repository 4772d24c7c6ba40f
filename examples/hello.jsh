//DEPS ../MailTool.java
//DESCRIPTION Sends a first message from jshell: ./jbangw examples/hello.jsh, see the README for trying it out by hand.
import static mailtool.MailTool.*

var server = System.getenv().getOrDefault("SERVER", "smtp://localhost:1025")
try (var smtp = smtp(server).open()) {
    var delivery = smtp.send(mail().from("ann@example.org").to("bob@example.org").subject("Hello").text("Hello from jshell"));
    System.out.println(delivery.messageId());
}
/exit
