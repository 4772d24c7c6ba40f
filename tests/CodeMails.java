package mailtool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Mails as those who send codes write them, by name, and mails with numbers that are no codes. */
final class CodeMails {
    /** With what each is expected to hold: one code. */
    record Mail(String code, String source) {
    }

    private static final Map<String, Mail> WITH_CODE = new LinkedHashMap<>();
    private static final Map<String, String> WITHOUT = new LinkedHashMap<>();

    static {
        addEnglish();
        addLanguages();
        addPages();
        addWritings();
        addTraps();
        addOffers();
        addBusiness();
        addAlerts();
        addSurroundings();
    }

    private CodeMails() {
    }

    static Map<String, Mail> withCode() {
        return WITH_CODE;
    }

    static Map<String, String> without() {
        return WITHOUT;
    }

    private static String header(String subject) {
        String words = "=?utf-8?B?" + Base64.getEncoder().encodeToString(subject.getBytes(UTF_8)) + "?=";
        return "From: sender@example.org\nTo: me@example.org\nSubject: " + words + "\nMIME-Version: 1.0\n";
    }

    static String plain(String subject, String text) {
        return header(subject) + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text;
    }

    static String page(String subject, String html) {
        return header(subject) + "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + html;
    }

    static String both(String subject, String text, String html) {
        return header(subject) + "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n" + text
            + "\n--b\nContent-Type: text/html; charset=utf-8\n\n" + html + "\n--b--\n";
    }

    private static void text(String name, String code, String subject, String text) {
        WITH_CODE.put(name, new Mail(code, plain(subject, text)));
    }

    private static void html(String name, String code, String subject, String html) {
        WITH_CODE.put(name, new Mail(code, page(subject, html)));
    }

    private static void none(String name, String subject, String text) {
        WITHOUT.put(name, plain(subject, text));
    }

    private static void noneInPage(String name, String subject, String html) {
        WITHOUT.put(name, page(subject, html));
    }

    private static void addEnglish() {
        text("search-account", "482913", "Verify your email address", """
            Hi,

            Use this code to finish setting up this account:

            482913

            This code will expire in 24 hours.

            If you don't recognize bob@example.org, you can safely ignore this email.

            Sample LLC, 1600 Amphitheatre Parkway, Mountain View, CA 94043
            """);
        text("prefix", "482913", "Your verification code", "G-482913 is your Sample verification code.\n");
        text("subject-first", "204867", "204867 is your Sample confirmation code", """
            Hi Ann,
            Someone tried to sign up for an account with ann@example.org. If it was you, enter this confirmation code in the app:
            204867
            """);
        text("office", "0071824", "Sample account security code", """
            Sample account

            Security code

            Please use the following security code for the Sample account an**5@example.com.

            Security code: 0071824

            If you don't recognize the Sample account an**5@example.com, you can click here to remove your email address from that account.

            Thanks,
            The Sample account team
            """);
        text("developer-host", "17460982", "[Sample] Sudo email verification code", """
            Hey ann!

            Here is your Sample sudo authentication code:

            17460982

            This code is valid for 15 minutes and can only be used once.

            Please don't share this code with anyone: we'll never ask for it on the phone or via email.

            Thanks,
            The Sample Team
            """);
        text("device", "619302", "[Sample] Please verify your device", """
            Hey ann!

            A sign in attempt requires further verification because we did not recognize your device. To complete the sign in, enter the verification code on the unrecognized device.

            Device: Chrome on Windows 10
            Verification code: 619302

            If you did not attempt to sign in to your account, your password may be compromised. Visit https://example.org/settings/security/482913 to create a new, strong password.
            """);
        text("fruit-id", "590114", "Your Sample ID verification code", """
            Dear Ann,

            You have selected this email address as your new Sample ID. To verify it's you, enter the code below on the email verification page:

            590114

            This code will expire three hours after this email was sent.

            Why you received this email.
            Sample requires verification whenever an email address is selected. Your Sample ID can't be used until you verify it.

            Copyright © 2024 Sample Distribution International Ltd., Hollyhill Industrial Estate, Hollyhill, Cork, Ireland. All rights reserved.
            """);
        text("shop", "775204", "Sign-in attempt", """
            Someone who knows your password is attempting to sign-in to your account.

            When: Nov 29, 2024 10:31 AM Pacific Standard Time
            Device: Google Chrome Mac OS X (Desktop)
            Near: California, United States

            If this was you, your verification code is:

            775204

            Don't share it with others. If you didn't request this, deny the sign-in here.
            """);
        text("games", "X4D7K", "Your Sample account: Access from new computer", """
            Dear ann_2005,

            Here is the Sample Guard code you need to login to account ann_2005:

            X4D7K

            This email was generated because of a login attempt from a web or mobile device located at 203.0.113.77 (DE).

            Sample Corporation
            PO Box 1688 Bellevue, WA 98009
            """);
        text("team-chat", "LK97QX", "Sample confirmation code: LK9-7QX", """
            Confirm your email address

            Your confirmation code is below - enter it in your open browser window and we'll help you get signed in.

            LK9-7QX

            If you didn't request this email, there's nothing to worry about, you can safely ignore it.
            Made by Sample Technologies, LLC
            500 Howard Street | San Francisco, CA 94105 | United States
            """);
        text("messenger", "739508", "Your code", "Your Sample code is 739-508\n\nDon't share this code with others\n\n4sgLq1p5sV6\n");
        text("community", "308251", "Verify Sample Login from New Location", """
            Hey ann,

            It looks like someone tried to log in from a new location. If this is you, follow the link below.
            IP Address: 198.51.100.27
            Location: Berlin, Germany
            Your 2FA backup is 308251 in the list of codes.
            Need help? Contact our support team or hit us up on Twitter @sample.
            Sent by Sample, 444 De Haro Street, Suite 200, San Francisco, CA 94107
            """);
        text("payments", "447120", "Your one-time passcode", """
            Your one-time passcode: 447120. It expires in 10 minutes.

            Sample Payments Europe, Limited, The One Building, 1 Grand Canal Street Lower, Grand Canal Dock, Dublin, D02 H210, Ireland
            """);
        text("wallet", "936145", "936145 is your security code", "Hi Ann Example,\n\n936145 is your security code. Don't share your code.\n\nCopyright 1999-2024 Sample. All rights reserved.\n");
        text("bank", "58204716", "Your transfer", """
            Dear customer,

            OTP is 58204716 for the payment of EUR 1250.00 to SAMPLE SHOP with your card ending in 4455 on 29-11-2024 14:05:33.
            Valid for 5 minutes. Never disclose it. Call 1800 2022 if you did not ask for it. Ref: 99120034
            """);
        text("bank-short", "4821", "PIN", "Your temporary PIN for card XX1234 is 4821. Change it at any ATM within 30 days.\n");
        text("four-digits-like-a-year", "2024", "Your login PIN", "Your PIN is 2024\n\n© 2019-2024 Sample Inc.\n");
        text("only-a-number", "382910", "Hello", "382910\n");
        text("only-in-subject", "661203", "Your Sample sign-in code is 661 203", "Enter it where you were asked for it. It is valid for 10 minutes.\n");
        text("one-paragraph", "550917", "Login code", "Hello Ann, to sign in to Sample enter 550917 as your login code. Do not share this code with anyone. Sample, 1355 Market Street, San Francisco, CA 94103.\n");
        text("order-and-code", "718264", "Confirm your order", "Your code for order 20481234 is 718264. Your order number is 20481234.\n");
        text("ticket-line", "902417", "Verification", "Ticket number: 55831204\nYour verification code: 902417\nReference 33445566\n");
    }

    private static void addLanguages() {
        text("german", "482913", "Dein Bestätigungscode", "Hallo Jürgen,\n\ndein Bestätigungscode lautet: 482913\n\nEr ist 10 Minuten gültig. Bitte gib ihn an niemanden weiter.\n\nMuster GmbH, Hauptstraße 12, 10115 Berlin\n");
        text("german-bank", "739204", "Ihre TAN", "Sehr geehrte Kundin,\n\nIhre TAN für die Überweisung über 1.250,00 EUR auf DE89 3704 0044 0532 0130 00 lautet 739204.\nAuftrag vom 29.11.2024 um 14:05 Uhr, Kundennummer 88120934.\n");
        text("german-compound", "5512", "Anmeldung", "Ihr Einmalkennwort: 5512\nFragen? Telefon 030 12345678\n");
        text("german-2fa", "640183", "2FA-Code", "Ihr 2FA-Code: 640183. Der Code ist 5 Minuten gültig. Bestellnummer 40012345\n");
        text("french", "482913", "Votre code de vérification", "Bonjour,\n\nVotre code de vérification est : 482 913\n\nIl expire dans 15 minutes. Ne communiquez jamais ce code.\n\nExemple SAS, 12 rue de Rivoli, 75004 Paris\n");
        text("french-single-use", "20417385", "Connexion", "Voici votre mot de passe à usage unique :\n\n20417385\n\nCommande n° 11223344 du 29 novembre 2024\n");
        text("spanish", "482913", "Tu código de verificación", "Hola:\n\nTu código de verificación es 482913. No lo compartas con nadie.\n\nEjemplo S.L., Calle de Alcalá 1234, 28014 Madrid\n");
        text("spanish-key", "7741", "Clave dinámica", "Su clave de un solo uso es: 7741\nPedido 20019234 - Teléfono 91 123 4567\n");
        text("portuguese", "482913", "Seu código de acesso", "Olá, Ana!\n\nUse o código abaixo para entrar na sua conta:\n\n482913\n\nO código é válido por 10 minutos. Se você não solicitou este código, ignore este e-mail.\nRua Exemplo, 1234 - São Paulo - SP, 04538-133\n");
        text("portuguese-token", "135790", "Token", "Seu token de acesso é 135790. Protocolo 20241129331\n");
        text("italian", "482913", "Il tuo codice di verifica", "Ciao,\n\nil tuo codice di verifica è 482913\n\nScade tra 10 minuti. Ordine n. 44556677 del 29 novembre 2024.\nEsempio S.r.l., Via Roma 1234, 20121 Milano\n");
        text("italian-otp", "90817263", "Codice OTP", "Codice OTP: 9081 7263\nCodice cliente: 11223344\n");
        text("polish", "482913", "Twój kod weryfikacyjny", "Cześć,\n\nTwój kod weryfikacyjny to: 482913\n\nKod jest ważny przez 10 minut.\n\nPrzykład Sp. z o.o., ul. Prosta 12, 00-850 Warszawa, NIP 5252344078\n");
        text("polish-password", "6024", "Hasło SMS", "Hasło jednorazowe nr 3 z dnia 29.11.2024: 6024. Nr zamówienia 12345678\n");
        text("russian", "482913", "Код подтверждения", "Здравствуйте!\n\nВаш код подтверждения: 482913\n\nКод действителен 10 минут. Никому не сообщайте код.\n\nООО «Пример», 119021, Москва, ул. Льва Толстого, 16. Номер заказа 12345678\n");
        text("russian-password", "5093", "Вход", "Одноразовый пароль 5093 для входа 29 ноября 2024 г. в 14:05. Телефон +7 495 123-45-67\n");
        text("chinese", "482913", "【示例】验证码", "【示例】您的验证码是482913，5分钟内有效，请勿泄露给他人。客服电话95588。\n");
        text("chinese-traditional", "482913", "驗證碼", "您好：\n\n您的驗證碼為：482913\n\n請於10分鐘內輸入。訂單編號：20481234\n");
        text("chinese-line", "7302", "登录", "您正在登录示例账号，动态密码：\n7302\n2024年11月29日 14时05分\n");
        text("japanese", "482913", "認証コードのお知らせ", "いつもご利用ありがとうございます。\n\n認証コード：４８２９１３\n\nこのコードは10分間有効です。お客様番号：12345678\n〒106-6126 東京都港区六本木6-10-1\n");
        text("japanese-one-time", "205918", "ワンタイムパスワード", "ワンタイムパスワードは 205918 です。2024年11月29日14時05分まで有効です。\n");
        text("japanese-pin", "0392", "暗証番号", "ご登録の確認番号\n0392\nを画面に入力してください。注文番号 998-12345\n");
    }

    private static void addPages() {
        html("digit-a-cell", "482913", "Verify", """
            <html><head><style>@media (prefers-color-scheme: dark) { .c { color: #123456; background: #654321 } } p { margin: 4711px }</style></head><body>
            <p>Your verification code:</p><table><tr><td>4</td><td>8</td><td>2</td><td>9</td><td>1</td><td>3</td></tr></table><p>It expires in 10 minutes.</p></body></html>
            """);
        html("digit-a-box", "590217", "Sign in", """
            <p>Enter this code to sign in</p><div><div class="d">5</div><div class="d">9</div><div class="d">0</div><div class="d">2</div><div class="d">1</div><div class="d">7</div></div>
            <p>Sample Inc., 548 Market St #40000, San Francisco, CA 94104</p>
            """);
        html("digit-a-span", "318846", "Sign in", "<p>Your code is <b><span>3</span><span>1</span><span>8</span><span>8</span><span>4</span><span>6</span></b></p>");
        html("nested-tables", "771350", "Your access code", """
            <table width="600"><tr><td><table><tr><td><img src="https://t.example.org/o/123456.gif" alt="Sample 1999" width="1" height="1"></td></tr></table></td></tr>
            <tr><td><table><tr><td style="font-size:0px;padding:10px"><div style="font-size:14px">Access code</div></td></tr>
            <tr><td style="font-size:0px"><div style="font-size:32px;letter-spacing:8px"><strong>771350</strong></div></td></tr></table></td></tr>
            <tr><td>Order history <a href="https://click.example.org/c/443322/ab?code=556677">View 12 orders</a></td></tr></table>
            """);
        html("hidden-preheader", "204816", "Login", """
            <div style="display:none;font-size:1px;max-height:0px;overflow:hidden">Code 999111 for robots</div>
            <div style="visibility: hidden">code 888222</div><div style="opacity:0">code 777333</div><span style="font-size:0">code 666444</span>
            <p>Hi Ann,</p><h1>204816</h1><p>is your login code.</p>
            """);
        html("hidden-by-class", "335577", "Login", "<style>.preheader { color: red; display: none !important } .x { color: blue }</style><span class=preheader>Code 112233</span><p>Your login code: 335577</p>");
        html("no-width", "610284", "Sign in", "<p>Your sign-in code is 6&#8203;1&#8203;0&zwnj;2&shy;84</p><p>Thanks &#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;</p>");
        html("links-with-numbers", "840162", "Confirm", """
            <p><a href="https://example.org/confirm?token=482913&amp;uid=55667788">Confirm</a> or paste https://example.org/c/665544 in your browser.</p>
            <p>Or use this confirmation code: <code>840162</code></p><p style="color:#998877">#998877</p>
            """);
        html("old-code-struck", "778201", "New code", "<p>Your code: <s>111222</s> <b>778201</b></p>");
        html("split-pair", "AB12CD34", "Device", "<p>Use the following code on your TV:</p><h2>AB12-CD34</h2><p>&copy; 2024 Sample, Inc. 1095 Avenue of the Americas, New York, NY 10036</p>");
        html("blockquote", "519340", "Re: code", "<p>Your new code is 519340</p><blockquote type=cite><p>Your code is 222111</p></blockquote>");
        html("letters-in-cells", "7H2KQ9", "Sign in", "<p>Code</p><table><tr><td>7</td><td>H</td><td>2</td><td>K</td><td>Q</td><td>9</td></tr></table>");
        html("digits-in-a-list", "4829", "Sign in", "<p>Code</p><ul><li>4</li><li>8</li><li>2</li><li>9</li></ul>");
        html("footnote", "482913", "Sign in", "<p>Your code<sup>1</sup> is 482913<sup>2</sup></p>");
        html("hidden-after-a-condition", "482913", "Sign in", "<style>@media print { .a { color: red } } .h { display: none }</style><p class=h>Code 111222</p><p>Code 482913</p>");
        html("button-after", "640275", "Verification", "<div>Verification code</div><div><span>640275</span> <a href='https://example.org/copy'>Copy</a></div><div>Privacy | Terms | 2211 North First Street, San Jose, CA 95131</div>");
        WITH_CODE.put("both-forms", new Mail("482913", both("Your code", "Your code is 482 913.\n", "<p>Your code is <b>482913</b>.</p>")));
        WITH_CODE.put("page-only-in-html", new Mail("601234", both("Your code", "This mail needs HTML.\n", "<p>Code</p><p>601-234</p>")));
        WITH_CODE.put("quoted-printable", new Mail("482913", header("Code") + "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
            + "<p style=3D\"color:#445566\">Best=C3=A4tigungscode: 482=\n913</p>\n"));
        WITH_CODE.put("base64", new Mail("730164", header("Code") + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
            + Base64.getMimeEncoder().encodeToString("Ваш код: 730164\n".getBytes(UTF_8)) + "\n"));
    }

    private static void addWritings() {
        text("blanks", "482913", "Code", "Your code is 4 8 2 9 1 3\n");
        text("pairs", "482913", "Code", "Your code: 48-29-13\n");
        text("thirds", "482913", "Code", "Your code: 482–913.\n");
        text("stars", "482913", "Code", "Your code is *482913*\n");
        text("brackets", "482913", "Code", "Your code is [ 482913 ]\n");
        text("full-width", "482913", "Code", "Your code is ４８２　９１３\n");
        text("capitals", "7H2KQ9", "YOUR CODE", "YOUR LOGIN CODE IS 7H2KQ9\n");
        text("box", "482913", "Code", "+--------+\n| 482913 |\n+--------+\n");
        text("zeros", "000417", "Code", "Your code is 000417\n");
        text("no-break", "482913", "Code", "Your code is 482\u00a0913\n");
        text("heading", "482913", "Code", "Your code:\n\n### 482913\n");
        text("letter-by-letter", "7H2KQ9", "Code", "Your code: 7 H 2 K Q 9\n");
        text("scale-that-is-a-code", "12345", "Code", "Your code is 1 2 3 4 5\n");
        text("table-text", "482913", "Code", "Code    482913\nExpires 14:30\nDate    11/29/2024\n");
    }

    private static void addTraps() {
        text("dates-around", "482913", "Code from 2024-11-29", "Requested on 2024-11-29 10:22:33 (20241129), valid until 30.11.2024, 11/30/2024 or Nov 30, 2024.\nCode: 482913\n");
        text("price", "482913", "Code", "You pay $1234 or 1234 EUR (12%): your code is 482913, 1234% safe\n");
        text("phone", "482913", "Code", "Did not ask for a code? Call +1 (800) 555-0199 or 0800 123 4567.\nCode 482913\n");
        text("expired", "482913", "Code", "The code 111222 has expired. Your new code is 482913.\n");
        text("replaced", "482913", "Code", "Old code: 111222\nNew code: 482913\n");
        text("quoted", "482913", "Re: Code", "Your code is 482913\n\nOn Fri, 29 Nov 2024 ann wrote:\n> Your code is 111222\n>> Code 333444\n");
        text("postcode-after", "482913", "Code", "482913 is your code.\nIf you did not request this code, ignore this mail.\nSample, 123 Main Street, Springfield, IL 62704\n");
        text("customer-number", "482913", "Code", "Customer no. 99887766, invoice 2024001, your code: 482913\n");
        text("error-number", "482913", "Code", "Error code 5003 is gone. Your login code is 482913.\n");
        text("reference-after", "482913", "Login", "OTP = 482913, Ref code: X7KD (Ref. 99112233)\n");
        text("reference-in-brackets", "482913", "Login", "Your OTP is 482913 (Ref: ABC1)\n");
        text("against-phishing", "482913", "Login", "Code: 482913\nAnti-phishing code: BLUE7788\n");
        text("number-of-a-code", "482913", "Login", "Your PIN number: 482913, client no 20481234\n");
        text("number-of-a-tan", "482913", "Login", "Ihre TAN-Nummer lautet 482913\n");
        text("code-of-six-digits", "482913", "Login", "Enter the code of 482913.\n");
        text("password", "4829", "Login", "Your temporary password is 4829\n");
        text("password-before", "482913", "Login", "Use 482913 as your password for Sample.\n");
        text("secret-number", "4829", "Karte", "Ihre Geheimzahl: 4829\n");
        text("year-before", "4829", "Your 2024 Sample code", "4829 is your code\n");
        text("sent-before", "482913", "Again", "Use this code: 482913. The code 111222 does not work any more.\n");
        text("same-twice", "482913", "482913", "Your code is 482913. Again: 482-913.\n");
    }

    private static void addOffers() {
        none("promo-code", "20% off for you", "Use code WELCOME10 at checkout and get 20% off until 30 November 2024.\n");
        none("promo-line", "Black Friday", "Your promo code:\n\nSAVE2024\n\nValid until 2024-12-01.\n");
        none("voucher", "Dein Gutschein", "Gutscheincode: 48291355\nEinlösbar bis 31.12.2024\n");
        none("gift-card", "A gift", "Gift card code: 4829 1355\n");
        none("referral", "Invite friends", "Share your referral code AB12CD and both get $10.\n");
        none("coupon-french", "Soldes", "Code promo : HIVER24\n-20 % sur tout\n");
        none("coupon-spanish", "Rebajas", "Código promocional: 482913. Descuento del 20 %\n");
        none("coupon-chinese", "优惠", "优惠码：482913\n");
        none("coupon-japanese", "クーポン", "クーポンコード：AB12CD\n");
        none("article", "Votre commande", "Code article 55120\n");
        none("article-german", "Fehlt", "Artikelcode 551203.\n");
        none("vat", "Your invoice", "VAT code: DE812345\n");
        none("build", "Security alert", "New sign-in from Windows 11 build 22631. If this was you, no code is needed.\n");
        none("newsletter", "Weekly news 2024", "1250 developers joined. Read 2048 lines of source code 4711 times.\nUnsubscribe\n");
        noneInPage("newsletter-numbers", "Your month in numbers", "<style>.a{color:#123456}</style><table><tr><td><p>1250</p><p>steps</p></td></tr></table><p>Unsubscribe from this newsletter</p>");
        none("saving", "Nur heute", "Mit dem Code SOMMER24 sparst du 20 %.\n");
        none("saving-spanish", "Oferta", "Usa el código VERANO24 y ahorra 10 €\n");
        none("welcome-offer", "Bienvenue", "Voici votre code de bienvenue : BIENV10\n");
        none("survey", "How did we do?", "Rate us\n1 2 3 4 5\n");
        none("lines-of-code", "Merged", "1250 lines of code changed. Visual Studio Code: 1400 issues closed.\n");
        none("conference", "Speakers", "Join 1500 people at the Code Review conference 2024. Tickets from 1200 USD.\n");
    }

    private static void addBusiness() {
        none("invoice", "Invoice 20240917", "Invoice number: 20240917\nCustomer no. 482913\nTotal: 1,250.00 EUR\nDue 2024-12-15\n");
        none("order", "Order 482913 confirmed", "Thanks for your order.\n\nOrder number\n482913\n\nShip to: 123 Main Street, Springfield, IL 62704\n");
        none("parcel", "Your parcel", "Tracking code: 48291355\nArrives Friday 10:00-12:00, Berlin 10115\n");
        none("booking", "Booking confirmed", "Booking code AB12CD\nFlight 4U 8123 on 29 Nov 2024\nSeat 12A\n");
        none("rechnung", "Ihre Rechnung", "Rechnungsnummer 48291355\nKundennummer 1234567\nBetrag 1234,50 €\nPLZ 10115\n");
        none("facture", "Votre facture", "Facture n° 482913\nCode client : 771234\nCode postal : 75011\n");
        none("fattura", "Fattura", "Fattura n. 482913 del 29/11/2024\nCodice cliente: 771234\nCodice fiscale: 12345678\n");
        none("faktura", "Faktura", "Numer zamówienia: 482913\nKod pocztowy: 00-850 Warszawa\n");
        none("order-russian", "Заказ", "Номер заказа: 482913\nПочтовый индекс 119021\nСумма 1250 руб.\n");
        none("order-chinese", "订单", "订单号：48291355\n电话：95588\n");
        none("order-japanese", "ご注文", "注文番号：48291355\n電話番号 03-1234-5678\n郵便番号 106-6126\n");
        none("bank-statement", "Statement", "Account ending in 4455: balance $12345.67 on 29 Nov 2024.\nReference 99887766\n");
        none("phone-only", "Call us", "Our phone number is 555-0199.\n");
    }

    private static void addAlerts() {
        none("alert", "[ALERT] db1 load", "load average 12.34 at 10:22:33, pid 48291, port 5432, exit code 1370\n");
        none("http", "Monitor", "status code 5030 from 203.0.113.77 after 3000 ms\n");
        none("end-of-a-card", "PIN geändert", "Die PIN Ihrer Karte mit der Endziffer 4455 wurde geändert.\n");
        none("codes-of-trade", "Customs", "HS code: 851713, tariff code 85171300, course code CS1010\n");
        none("postcode-alone", "Shipping address", "Ann Example\n1912 Main Street\nSpringfield\n62704\n");
        none("switched-off", "OTP off", "OTP was turned off on 2024-11-29 at 1022. Case 48291.\n");
        none("error-code", "Update failed", "Error code 80070643\nKB5034441\n");
        none("issue", "[org/app] crash (#4829)", "Closed #4829 as completed via abc1234.\nThe source code in src/main/4829 fails.\n");
        none("magic-link", "Sign in", "Click to sign in: https://example.org/login?code=482913\n\nIf you did not ask for a code, ignore this.\n\nSample Inc, 548 Market Street, San Francisco, CA 94104\n");
        none("expired-only", "Code expired", "Your code 482913 has expired. Ask for a new one.\n");
        none("old-german", "Code", "Ihr alter Code 482913 ist nicht mehr gültig.\n");
        none("copyright", "Hello", "Thank you.\n© 2024\n");
        none("country-code", "Your settings", "Country code: 0049\nZIP code 10115\n");
        none("letters-only", "Code", "Your code is ABCDEF\n");
        none("too-long", "Code", "Your code is 123456789\n");
        none("too-short", "Code", "Your code is 123\n");
        none("card", "Code", "Card with code 4111 1111 1111 1111\n");
        none("in-a-reply", "Re: hello", "Thanks!\n\n> Your code is 482913\n");
        noneInPage("styled", "Welcome", "<style>.code{color:#482913}</style><p style='color:#123456' data-code='445566'>Welcome! No code today.</p><!-- code 778899 -->");
    }

    private static void addSurroundings() {
        text("town-behind-a-house-number", "739204", "Portal: confirm", "Bitte geben Sie folgenden Code ein:\n739204\nDer Code ist 15 Minuten gültig. Amt für Melden, Alt-Lietzow 28, 10587 Berlin\n");
        text("town-in-mid-sentence", "481092", "Codice di verifica", "Il codice di verifica è:\n481092\nIl codice scade presto. Poste Uno, Viale Mazzini 14, 00195 Roma, P.IVA 01234567890\n");
        text("town-in-russian", "640281", "Код", "Введите код 640281 на странице входа. Код скоро истечёт. Почта, ул. Мира, 16, Казань, 420111\n");
        text("name-of-a-file", "527194", "Access code", "Your access code to open \"Lease 2025-114.pdf\" is: 527194\n");
        text("only-digits-are-named", "830917", "It is you?", "Type the six digits\n830917\nUnsubscribe\n");
        text("only-digits-are-named-russian", "640285", "Вход", "Введите эти цифры:\n640285\nЗаказ 1234567 ждёт вас\n");
        text("only-digits-are-named-spanish", "907316", "Acceso", "Escribe estos números en la pantalla:\n907316\nTel. 915 550 147, pedido 1234567\n");
        text("only-digits-are-named-french", "492018", "Connexion", "Recopiez ces 6 chiffres :\n492 018\nSe désabonner\n");
        none("code-orange", "Code Orange: storm", "Wind code orange from 1800 to 2300. Call 1122.\n");
        none("code-coverage", "[CI] passed", "Code coverage: 8412 of 9001 lines.\n");
        none("end-of-a-card-german", "Ihre PIN ist unterwegs", "Die PIN zu Ihrer Karte mit der Endung 4471 kommt per Post.\n");
        none("end-of-a-card-italian", "PIN", "Il PIN della carta che termina con 4471 arriva per posta.\n");
        none("number-to-text", "Beware", "We never ask for your PIN. Forward such mails to 7726. We stopped 48213 attempts.\n");
        none("topic", "Re: code formatting", "Ann replied to topic 48213.\n");
        none("readers", "Letter", "How to write better code. 4821 readers liked it.\n");
    }

    static List<String> names() {
        List<String> names = new ArrayList<>(WITH_CODE.keySet());
        names.addAll(WITHOUT.keySet());
        return names;
    }
}
