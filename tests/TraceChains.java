package mailtool;

import java.util.ArrayList;
import java.util.List;

/**
 * Received fields as servers of many kinds write them, chain by chain, the newest on top. The line below each has what it says: from, by, with, id, for,
 * tls and time, in UTC.
 */
record TraceChains(String name, List<String> fields, List<List<String>> said) {
    private static final String ALL = """
        # Postfix, three hops
        Received: from mx.example.com (mx.example.com [192.0.2.9])
        \tby store.example.com (Dovecot) with LMTP id qMiowJCxWeCY4z1q
        \tfor <b@example.com>; Tue, 03 Nov 2026 10:20:41 +0100
        = mx.example.com | store.example.com | LMTP | qMiowJCxWeCY4z1q | b@example.com | | 2026-11-03T09:20:41Z
        Received: from mail.example.org (mail.example.org [192.0.2.1])
        \t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
        \t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)
        \t(No client certificate requested)
        \tby mx.example.com (Postfix) with ESMTPS id 4bbRKZ5KWZzKHMhd
        \tfor <b@example.com>; Tue,  3 Nov 2026 10:20:40 +0100 (CET)
        = mail.example.org | mx.example.com | ESMTPS | 4bbRKZ5KWZzKHMhd | b@example.com | TLSv1.3 | 2026-11-03T09:20:40Z
        Received: from laptop (unknown [IPv6:2001:db8::7])
        \t(Authenticated sender: a@example.org)
        \tby mail.example.org (Postfix) with ESMTPSA id 34D9F1A018C;
        \tTue,  3 Nov 2026 09:20:39 +0000 (UTC)
        = laptop | mail.example.org | ESMTPSA | 34D9F1A018C | | TLS | 2026-11-03T09:20:39Z

        # Postfix, sent by a local user
        Received: by mail.example.org (Postfix, from userid 1000)
        \tid 2AFFA12D6F7; Tue,  3 Nov 2026 01:53:00 -0500 (EST)
        = | mail.example.org | | 2AFFA12D6F7 | | | 2026-11-03T06:53:00Z

        # Postfix, in clear, to an address literal
        Received: from [192.0.2.31] (unknown [192.0.2.135])
        \tby mx.example.net (Postfix) with ESMTP id D3E7118C4E2
        \tfor <postmaster@[192.0.2.5]>; Tue,  3 Nov 2026 09:20:30 +0000 (UTC)
        = [192.0.2.31] | mx.example.net | ESMTP | D3E7118C4E2 | postmaster@[192.0.2.5] | | 2026-11-03T09:20:30Z

        # Exim, TLS in all its spellings
        Received: from mail.example.org ([192.0.2.1])
        \tby mx.example.com with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384
        \t(Exim 4.96)
        \t(envelope-from <a@example.org>)
        \tid 1qXyZa-0003Ab-2B
        \tfor b@example.com;
        \tTue, 03 Nov 2026 09:20:30 +0000
        = mail.example.org | mx.example.com | esmtps | 1qXyZa-0003Ab-2B | b@example.com | TLSv1.3 | 2026-11-03T09:20:30Z
        Received: from relay.example.org ([192.0.2.8] helo=[203.0.113.136])
        \tby mail.example.org with esmtpsa (TLS1.2:DHE_RSA_AES_128_CBC_SHA1:128) (Exim 4.80)
        \t(envelope-from <a@example.org>) id 1d18ZN-0000br-Mp; Tue, 03 Nov 2026 10:20:28 +0100
        = relay.example.org | mail.example.org | esmtpsa | 1d18ZN-0000br-Mp | | TLSv1.2 | 2026-11-03T09:20:28Z
        Received: from [192.0.2.7] (port=41234 helo=laptop.local)
        \tby relay.example.org with esmtpsa (TLSv1:AES256-SHA:256) (Exim 4.69)
        \tid 1abcde-0000fg-Hi; Tue, 03 Nov 2026 04:20:27 -0500
        = [192.0.2.7] | relay.example.org | esmtpsa | 1abcde-0000fg-Hi | | TLSv1 | 2026-11-03T09:20:27Z

        # Exim, local
        Received: from root by mail.example.org with local (Exim 4.96)
        \t(envelope-from <root@mail.example.org>) id 1d18ZP-0000cF-9f
        \tfor a@example.org; Tue, 03 Nov 2026 11:40:11 +0200
        = root | mail.example.org | local | 1d18ZP-0000cF-9f | a@example.org | | 2026-11-03T09:40:11Z

        # Exim, no space before the comment
        Received: from 198.51.100.102(helo=mail.example.org) by mx.example.com with esmtpa (Exim 4.69)
         (envelope-from ) id 1Nu3PW-0004hr-Lq for b@example.com; Tue, 03 Nov 2026 09:20:30 +0000
        = 198.51.100.102 | mx.example.com | esmtpa | 1Nu3PW-0004hr-Lq | b@example.com | | 2026-11-03T09:20:30Z

        # Sendmail with TLS
        Received: from mail.example.org (mail.example.org [192.0.2.1] (may be forged))
        \tby mx.example.com (8.15.2/8.15.2/Debian-14) with ESMTPS id 0A39KUx1012345
        \t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NOT)
        \tfor <b@example.com>; Tue, 3 Nov 2026 09:20:30 GMT
        = mail.example.org | mx.example.com | ESMTPS | 0A39KUx1012345 | b@example.com | TLSv1.3 | 2026-11-03T09:20:30Z
        Received: (from root@localhost)
        \tby mail.example.org (8.15.2/8.15.2/Submit) id 0A39KTab012344
        \tfor b@example.com; Tue, 3 Nov 2026 09:20:29 GMT
        = root@localhost | mail.example.org | | 0A39KTab012344 | b@example.com | | 2026-11-03T09:20:29Z

        # Sendmail, old
        Received: from mail.example.org (root@mail.example.org [192.0.2.1]) by mx.example.com (8.6.9/8.6.9) with SMTP id MAA17555 for <list@example.com>; Tue, 28 May 96 12:26:15 EST
        = mail.example.org | mx.example.com | SMTP | MAA17555 | list@example.com | | 1996-05-28T17:26:15Z
        Received: from mail.example.net ([192.0.2.3]) (authenticated bits=0) by mail.example.org (8.13.1/8.13.1) with ESMTP id t3P00000000000 (version=TLSv1/SSLv3 cipher=DHE-RSA-AES256-SHA bits=256 verify=NO); Tue, 28 May 1996 17:25:10 GMT
        = mail.example.net | mail.example.org | ESMTP | t3P00000000000 | | TLSv1 | 1996-05-28T17:25:10Z

        # qmail
        Received: (qmail 31661 invoked from network); 3 Nov 2026 09:20:32 -0000
        = | | | | | | 2026-11-03T09:20:32Z
        Received: from unknown (HELO mail.example.org) (192.0.2.1)
          by mx.example.com with SMTP; 3 Nov 2026 09:20:31 -0000
        = unknown | mx.example.com | SMTP | | | | 2026-11-03T09:20:31Z
        Received: (qmail 123 invoked by uid 0); 3 Nov 2026 09:20:30 -0000
        = | | | | | | 2026-11-03T09:20:30Z

        # qmail with TLS, with a login, by an alias
        Received: (qmail invoked by alias); 03 Nov 2026 11:53:22 -0000
        = | | | | | | 2026-11-03T11:53:22Z
        Received: from mail.example.org (HELO laptop) (a@example.org@192.0.2.7)
          by mx.example.com with (DHE-RSA-AES256-SHA encrypted) ESMTPSA; 3 Nov 2026 11:53:21 -0000
        = mail.example.org | mx.example.com | ESMTPSA | | | TLS | 2026-11-03T11:53:21Z
        Received: from unknown (HELO relay.example.org) (192.0.2.8) by server-2.example.com with AES128-SHA encrypted SMTP; 3 Nov 2026 11:53:20 -0000
        = unknown | server-2.example.com | SMTP | | | TLS | 2026-11-03T11:53:20Z

        # qmail-scanner and qpsmtpd
        Received: from 192.0.2.168 by mail.example.com (envelope-from <a@example.org>, uid 0) with qmail-scanner-1.24
         (4.4.4.56. Clear:RC:0(192.0.2.168):. Processed in 2.047196 secs); 03 Nov 2026 05:32:04 -0000
        = 192.0.2.168 | mail.example.com | qmail-scanner-1.24 | | | | 2026-11-03T05:32:04Z
        Received: from Unknown (HELO example.org) (10.0.1.2)
            by cloud.example.com (qpsmtpd/0.84) with ESMTPA; Tue, 03 Nov 2026 05:32:03 +0000
        = Unknown | cloud.example.com | ESMTPA | | | | 2026-11-03T05:32:03Z

        # Exchange Online
        Received: from AM0PR04MB0001.eurprd04.example.com (2001:db8:208:ab::12) by
         VI1PR04MB0002.eurprd04.example.com (2001:db8:803:12::34) with Microsoft SMTP Server
         (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id
         15.20.9275.10 via Mailbox Transport; Tue, 3 Nov 2026 09:20:35 +0000
        = AM0PR04MB0001.eurprd04.example.com | VI1PR04MB0002.eurprd04.example.com | Microsoft SMTP Server | 15.20.9275.10 | | TLSv1.3 | 2026-11-03T09:20:35Z
        Received: from AM0PR04MB0001.eurprd04.example.com
         ([fe80::7830:c66f:eaa8:e3dd]) by AM0PR04MB0001.eurprd04.example.com
         ([fe80::7830:c66f:eaa8:e3dd%14]) with mapi id 15.20.0218.015; Tue, 3 Nov 2026
         09:20:34 +0000
        = AM0PR04MB0001.eurprd04.example.com | AM0PR04MB0001.eurprd04.example.com | mapi | 15.20.0218.015 | | | 2026-11-03T09:20:34Z
        Received: from DM6PR06MB0003.namprd06.example.com (2001:db8:207:3d::31) by
         BL0PR06MB0004.namprd06.example.com with HTTPS via
         BL0PR02CA0054.NAMPRD02.EXAMPLE.COM; Tue, 3 Nov 2026 09:20:33 +0000
        = DM6PR06MB0003.namprd06.example.com | BL0PR06MB0004.namprd06.example.com | HTTPS | | | TLS | 2026-11-03T09:20:33Z

        # Exchange on a machine of one's own
        Received: from mail.example.org (192.0.2.1) by HUB11.corp.example.com (10.0.0.175) with Microsoft SMTP Server (TLS) id 14.3.498.0; Tue, 3 Nov 2026 10:20:30 +0100
        = mail.example.org | HUB11.corp.example.com | Microsoft SMTP Server | 14.3.498.0 | | TLS | 2026-11-03T09:20:30Z
        Received: from EX01.corp.example.com (10.0.0.7) by EX02.corp.example.com (10.0.0.8) with Microsoft SMTP Server id 15.1.112.19; Tue, 3 Nov 2026 10:20:29 +0100
        = EX01.corp.example.com | EX02.corp.example.com | Microsoft SMTP Server | 15.1.112.19 | | | 2026-11-03T09:20:29Z

        # IIS
        Received: from CLIENT ([192.0.2.125]) by smtp.example.com over TLS secured channel with Microsoft SMTPSVC(7.5.7601.22751);
        \t Tue, 3 Nov 2026 01:20:30 -0800
        = CLIENT | smtp.example.com | Microsoft SMTPSVC | | | TLS | 2026-11-03T09:20:30Z
        Received: from mail pickup service by CLIENT with Microsoft SMTPSVC; Tue, 3 Nov 2026 01:20:29 -0800
        = mail pickup service | CLIENT | Microsoft SMTPSVC | | | | 2026-11-03T09:20:29Z

        # Gmail
        Received: by 2002:a05:6000:1234:b0:3a5:1b2c:9f7e with SMTP id z12csp1234567wrr;
                Tue, 3 Nov 2026 01:20:33 -0800 (PST)
        = | 2002:a05:6000:1234:b0:3a5:1b2c:9f7e | SMTP | z12csp1234567wrr | | | 2026-11-03T09:20:33Z
        Received: from mail-sor-f41.example.com (mail-sor-f41.example.com. [192.0.2.41])
                by mx.example.com with SMTPS id j3-v6sor4060253wrq.14.2026.11.03.01.20.32
                for <b@example.com>
                (Google Transport Security);
                Tue, 03 Nov 2026 01:20:32 -0800 (PST)
        = mail-sor-f41.example.com | mx.example.com | SMTPS | j3-v6sor4060253wrq.14.2026.11.03.01.20.32 | b@example.com | TLS | 2026-11-03T09:20:32Z
        Received: from [192.168.1.18] (p5b0d.dip.example.net. [192.0.2.24])
                by smtp.example.com with ESMTPSA id dl8sm120393245wjb.29.2026.11.03.01.20.31
                for <b@example.com>
                (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);
                Tue, 03 Nov 2026 01:20:31 -0800 (PST)
        = [192.168.1.18] | smtp.example.com | ESMTPSA | dl8sm120393245wjb.29.2026.11.03.01.20.31 | b@example.com | TLSv1.3 | 2026-11-03T09:20:31Z
        Received: by 10.194.5.104 with HTTP; Tue, 3 Nov 2026 01:20:30 -0800 (PST)
        = | 10.194.5.104 | HTTP | | | | 2026-11-03T09:20:30Z

        # Gmail, several recipients
        Received: from [192.0.2.202] (c213502.example.net. [192.0.2.135])
                by mx.example.com with ESMTPSA id nw13sm19667002pab.37.2026.11.03.00.31.00
                for <multiple recipients>
                (version=TLSv1 cipher=ECDHE-RSA-RC4-SHA bits=128/128);
                Tue, 03 Nov 2026 00:31:01 -0800 (PST)
        = [192.0.2.202] | mx.example.com | ESMTPSA | nw13sm19667002pab.37.2026.11.03.00.31.00 | multiple recipients | TLSv1 | 2026-11-03T08:31:01Z

        # Coremail
        Received: from localhost (unknown [])
        \tby gzsmtp4 (Coremail) with SMTP id PykvCgD3l2og_sNnPh4JBg--.59684S2;
        \tTue, 03 Nov 2026 14:43:44 +0800 (CST)
        = localhost | gzsmtp4 | SMTP | PykvCgD3l2og_sNnPh4JBg--.59684S2 | | | 2026-11-03T06:43:44Z
        Received: from user$example.com ( [192.0.2.7, 10.0.0.1] ) by
         ajax-webmail-app1 (Coremail) ; Tue, 3 Nov 2026 14:43:42 +0800 (GMT+08:00)
        = user$example.com | ajax-webmail-app1 | | | | | 2026-11-03T06:43:42Z

        # Yahoo
        Received: from 127.0.0.1 (EHLO sonic314-20.consmr.mail.example.com) (192.0.2.82)
         by mta2020.mail.example.com with SMTPS; Tue, 03 Nov 2026 09:20:32 +0000
        = 127.0.0.1 | mta2020.mail.example.com | SMTPS | | | TLS | 2026-11-03T09:20:32Z
        Received: from sonic.gate.mail.example.com by sonic314.consmr.mail.example.com with HTTP; Tue, 3 Nov 2026 09:20:31 +0000
        = sonic.gate.mail.example.com | sonic314.consmr.mail.example.com | HTTP | | | | 2026-11-03T09:20:31Z
        Received: by hermes--production-ne1-abc (Yahoo Inc. Hermes SMTP Server) with ESMTPA ID 5b1a2c3d4e;
                  Tue, 03 Nov 2026 09:20:30 +0000 (UTC)
        = | hermes--production-ne1-abc | ESMTPA | 5b1a2c3d4e | | | 2026-11-03T09:20:30Z

        # Yahoo, old
        Received: from [127.0.0.1] by nm36.bullet.mail.example.com with NNFMP; 03 Nov 2026 13:46:10 -0000
        = [127.0.0.1] | nm36.bullet.mail.example.com | NNFMP | | | | 2026-11-03T13:46:10Z

        # Zoho
        Received: from mail.example.com by mx.example.org
        \twith SMTP id 1762161630123456.7890123; Tue, 3 Nov 2026 01:20:30 -0800 (PST)
        = mail.example.com | mx.example.org | SMTP | 1762161630123456.7890123 | | | 2026-11-03T09:20:30Z

        # iCloud
        Received: from p00-icloudmta-asmtp-us-central-1k-100-percent-1 (unknown [127.0.0.2])
        \tby p00-icloudmta-asmtp-us-central-1k-100-percent-1 (Postfix) with ESMTPS id 6FE1F1800123
        \tfor <b@example.com>; Tue,  3 Nov 2026 09:20:30 +0000 (UTC)
        = p00-icloudmta-asmtp-us-central-1k-100-percent-1 | p00-icloudmta-asmtp-us-central-1k-100-percent-1 | ESMTPS | 6FE1F1800123 | b@example.com | TLS | 2026-11-03T09:20:30Z
        Received: from mail-wr1-f41.example.com (mail-wr1-f41.example.com [192.0.2.41])
         by ms-10012.example.com (Oracle Communications Messaging Server 8.1.0.9.20210415 64bit)
         with ESMTPS id <0QY0012345ABCDE@ms-10012.example.com>
         (ORCPT b@example.com); Tue, 03 Nov 2026 09:20:29 +0000 (GMT)
        = mail-wr1-f41.example.com | ms-10012.example.com | ESMTPS | <0QY0012345ABCDE@ms-10012.example.com> | | TLS | 2026-11-03T09:20:29Z

        # Amazon SES
        Received: from a8-33.smtp-out.example.com (a8-33.smtp-out.example.com [192.0.2.33])
         by inbound-smtp.us-east-1.example.com with SMTP id 0s4tgbk1u2v3w4x5y6z7
         for b@example.com;
         Tue, 03 Nov 2026 09:20:30 +0000 (UTC)
        = a8-33.smtp-out.example.com | inbound-smtp.us-east-1.example.com | SMTP | 0s4tgbk1u2v3w4x5y6z7 | b@example.com | | 2026-11-03T09:20:30Z

        # Courier
        Received: from mail.example.org (mail.example.org [::ffff:192.0.2.1])
          (TLS: TLSv1/SSLv3,256bits,AES256-SHA)
          by mx.example.com with ESMTPS; Tue, 03 Nov 2026 10:20:30 +0100
          id 0000000000123456.5FA12345.00001234
        = mail.example.org | mx.example.com | ESMTPS | 0000000000123456.5FA12345.00001234 | | TLSv1 | 2026-11-03T09:20:30Z
        Received: from laptop ([192.0.2.7])
          (AUTH: LOGIN a@example.org)
          by mail.example.org with ESMTPSA; Tue, 03 Nov 2026 10:20:28 +0100
          id 0000000000123455.5FA12344.00001233
        = laptop | mail.example.org | ESMTPSA | 0000000000123455.5FA12344.00001233 | | TLS | 2026-11-03T09:20:28Z

        # MailEnable
        Received: from mail.example.org ([192.0.2.62]) by example.com with MailEnable ESMTP; Tue, 03 Nov 2026 14:35:25 +0100
        = mail.example.org | example.com | MailEnable ESMTP | | | | 2026-11-03T13:35:25Z
        Received: from ([192.0.2.11]) for <b@example.com> with MailEnable Catch-All Filter; Tue, 03 Nov 2026 14:35:24 +0100
        = | | MailEnable Catch-All Filter | | b@example.com | | 2026-11-03T13:35:24Z

        # Lotus Domino
        Received: from host8.example.com ([10.74.120.8])
                  by notes.example.com (Lotus Domino Release 8.5.3FP6)
                  with ESMTP id 2026110316143291-10027949 ;
                  Tue, 3 Nov 2026 16:14:32 +0800\s
        = host8.example.com | notes.example.com | ESMTP | 2026110316143291-10027949 | | | 2026-11-03T08:14:32Z

        # hMailServer
        Received: from laptop (dsl-1.example.net [192.0.2.7])
        \t(version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256)
        \tby mail.example.org with ESMTPSA
        \t; Tue, 3 Nov 2026 10:20:30 +0100
        = laptop | mail.example.org | ESMTPSA | | | TLSv1.2 | 2026-11-03T09:20:30Z

        # Haraka
        Received: from mail.example.org ([192.0.2.1])
        \tby haraka.example.com (Haraka/3.0.1) with ESMTPS id 5D2B1E0C-AAAA-4F.1
        \tenvelope-from <a@example.org>
        \ttls TLS_AES_256_GCM_SHA384 (authenticated bits=0);
        \tTue, 03 Nov 2026 09:20:30 +0000
        = mail.example.org | haraka.example.com | ESMTPS | 5D2B1E0C-AAAA-4F.1 | | TLS | 2026-11-03T09:20:30Z
        Received: (Haraka outbound); Tue, 03 Nov 2026 09:20:29 +0000
        = | | | | | | 2026-11-03T09:20:29Z

        # OpenSMTPD
        Received: from mail.example.org (mail.example.org [192.0.2.1])
        \tby mx.example.com (OpenSMTPD) with ESMTPS id 1a2b3c4d (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO)
        \tfor <b@example.com>;
        \tTue, 3 Nov 2026 10:20:30 +0100 (CET)
        = mail.example.org | mx.example.com | ESMTPS | 1a2b3c4d | b@example.com | TLSv1.3 | 2026-11-03T09:20:30Z
        Received: from localhost (mail.example.org [local])
        \tby mail.example.org (OpenSMTPD) with ESMTPA id 0badcafe
        \tfor <b@example.com>;
        \tTue, 3 Nov 2026 09:20:29 +0000 (UTC)
        = localhost | mail.example.org | ESMTPA | 0badcafe | b@example.com | | 2026-11-03T09:20:29Z

        # MDaemon
        Received: from COMP02.example.net by example.net (Cipher TLSv1.2:-SHA384:256) (MDaemon PRO v17.0.0)
        \twith ESMTPS id md50000234499.msg
        \tfor <b@example.com>; Tue, 03 Nov 2026 17:56:17 +0200
        = COMP02.example.net | example.net | ESMTPS | md50000234499.msg | b@example.com | TLSv1.2 | 2026-11-03T15:56:17Z

        # vger, quotation marks in comments
        Received: from dggsgout12.example.com ([192.0.2.56]:11134 "EHLO
                dggsgout12.example.com" rhost-flags-OK-OK-OK-OK) by vger.example.org
                with ESMTP id S236248AbjF1Ipu (ORCPT <rfc822;list@example.org>);
                Tue, 3 Nov 2026 04:45:50 -0400
        = dggsgout12.example.com | vger.example.org | ESMTP | S236248AbjF1Ipu | | | 2026-11-03T08:45:50Z
        Received: (majordomo@vger.example.org) by vger.example.org via listexpand
                id S1755275AbdDMSMS (ORCPT <rfc822;e@example.org>);
                Tue, 3 Nov 2026 04:45:49 -0400
        = | vger.example.org | | S1755275AbdDMSMS | | | 2026-11-03T08:45:49Z

        # postgrey, fetchmail
        Received: by postgrey-1.27 at mx.example.org; Tue, 23 Apr 2013 07:03:41 EDT
        = | postgrey-1.27 | | | | | 2013-04-23T11:03:41Z
        Received: from 192.0.2.172 [192.0.2.172]
        \tby localhost with POP3 (fetchmail-6.3.17)
        \tfor <me@localhost> (single-drop); Tue, 23 Apr 2013 20:02:22 +0900 (JST)
        = 192.0.2.172 | localhost | POP3 | | me@localhost | | 2013-04-23T11:02:22Z

        # Cyrus over a socket
        Received: from imap01 ([unix socket])
        \t by imap01.example.net (Cyrus) with LMTPA;
        \t Tue, 03 Nov 2026 15:04:04 -0800
        = imap01 | imap01.example.net | LMTPA | | | | 2026-11-03T23:04:04Z

        # ecelerity, PowerMTA, SendGrid
        Received: from [192.0.2.222] ([192.0.2.222:222] helo=mta-2.example.org)
        \tby example.org (envelope-from <a@example.org>)
        \t(ecelerity 3.6.5.1 r(Core:3.6.5.0)) with ESMTPS (cipher=AES256-GCM-SHA384)
        \tid 22/00-00000-EEEEEEEE; Tue, 03 Nov 2026 09:20:30 +0000
        = [192.0.2.222] | example.org | ESMTPS | 22/00-00000-EEEEEEEE | | TLS | 2026-11-03T09:20:30Z
        Received: by mta-2.example.org (PowerMTA(TM) v3.5r16) id dvmmMlbT099315 for <b@example.com>; Tue, 3 Nov 2026 05:20:29 -0400 (envelope-from <error@example.org>)
        = | mta-2.example.org | | dvmmMlbT099315 | b@example.com | | 2026-11-03T09:20:29Z
        Received: from laptop (c135.example.net [192.0.2.135])
         by mi1.example.org (SG) with HTTP id 13fb00e37eb.1e71.117b798 for <b@example.com>; Tue, 03 Nov 2026 03:20:28 -0600 (CST)
        = laptop | mi1.example.org | HTTP | 13fb00e37eb.1e71.117b798 | b@example.com | | 2026-11-03T09:20:28Z

        # LISTSERV, UUCP
        Received: from LIST.EXAMPLE.ORG by LIST.EXAMPLE.ORG (LISTSERV-TCP/IP release 1.8c)
                  with spool id 2458 for A-L@LIST.EXAMPLE.ORG; Tue, 3 Nov 2026 14:13:50 -0800
        = LIST.EXAMPLE.ORG | LIST.EXAMPLE.ORG | spool | 2458 | A-L@LIST.EXAMPLE.ORG | | 2026-11-03T22:13:50Z
        Received: from uucp by mail.example.org with local-rmail (Exim 4.84_2 #1 (Debian))
        \tid 1cv8aO-0001bv-1k for <list@example.org>; Tue, 03 Nov 2026 22:13:49 +0000
        = uucp | mail.example.org | local-rmail | 1cv8aO-0001bv-1k | list@example.org | | 2026-11-03T22:13:49Z

        # Proofpoint and a gateway with too many words
        Received: from e06smtp10.example.com (e06smtp10.example.com [192.0.2.106])
        \tby mx0b.example.com with ESMTP id 292hw54kbu-1
        \t(version=TLSv1.2 cipher=AES256-SHA bits=256 verify=NOT)
        \tfor <b@example.com>; Tue, 03 Nov 2026 11:46:27 -0500
        = e06smtp10.example.com | mx0b.example.com | ESMTP | 292hw54kbu-1 | b@example.com | TLSv1.2 | 2026-11-03T16:46:27Z
        Received: from localhost by e06smtp10.example.com with IBM ESMTP SMTP Gateway: Authorized Use Only! Violators will be prosecuted
        \tfor <b@example.com> from <a@example.org>; Tue, 3 Nov 2026 16:46:25 -0000
        = localhost | e06smtp10.example.com | ESMTP | | b@example.com | | 2026-11-03T16:46:25Z

        # James, ApacheDS, GreenMail
        Received: from 192.0.2.7 (EHLO laptop) ([192.0.2.7])
                  by james.example.org (JAMES SMTP Server ) with ESMTPA ID -1234567890
                  for <b@example.com>;
                  Tue, 03 Nov 2026 10:20:30 +0100 (CET)
        = 192.0.2.7 | james.example.org | ESMTPA | -1234567890 | b@example.com | | 2026-11-03T09:20:30Z

        # Ironport and Trend Micro
        Received: from vps-051e4cda.example.net ([192.0.2.10])
          by apiron13.example.com with ESMTP/TLS/ECDHE-RSA-AES128-GCM-SHA256; 03 Nov 2026 15:11:34 -0500
        = vps-051e4cda.example.net | apiron13.example.com | ESMTP/TLS/ECDHE-RSA-AES128-GCM-SHA256 | | | TLS | 2026-11-03T20:11:34Z

        # International mail (RFC 6531), an encoded word, octets of UTF-8
        Received: from m\u00fcller.example.org (m\u00fcller.example.org [192.0.2.1])
        \tby mx.example.com (Postfix) with UTF8SMTPS id 4aa
        \tfor <j\u00fcrgen@example.com>; Tue,  3 Nov 2026 09:20:30 +0000 (UTC)
        = m\u00fcller.example.org | mx.example.com | UTF8SMTPS | 4aa | j\u00fcrgen@example.com | TLS | 2026-11-03T09:20:30Z
        Received: from =?utf-8?Q?b=C3=BCro?= by m\u00fcller.example.org with ESMTP id 4ab; Tue, 3 Nov 2026 09:20:29 +0000
        = b\u00fcro | m\u00fcller.example.org | ESMTP | 4ab | | | 2026-11-03T09:20:29Z

        # No semicolon, dates of other kinds
        Received: from a.example.org by b.example.org with SMTP id 123 Tue, 3 Nov 2026 09:20:39 +0000
        = a.example.org | b.example.org | SMTP | 123 | | | 2026-11-03T09:20:39Z
        Received: from a.example.org by b.example.org with SMTP; 2026-11-03T10:20:38+01:00
        = a.example.org | b.example.org | SMTP | | | | 2026-11-03T09:20:38Z
        Received: by a.example.org on Tue Nov  3 09:20:37 2026
        = | a.example.org | | | | | 2026-11-03T09:20:37Z
        Received: from e3.example.net for b@example.com; Nov 3 09:20:36 2026 +0000
        = e3.example.net | | | | b@example.com | | 2026-11-03T09:20:36Z
        Received: by b.example.org (Nested (comments (are) fine) here) for b@example.org 3-Nov-2026 04:20:35 -0500 (envelope-from <x@example.org>)
        = | b.example.org | | | b@example.org | | 2026-11-03T09:20:35Z

        # Words in any order
        RECEIVED: FOR <b@example.com> ID 77 WITH ESMTPS BY mx.example.com FROM mail.example.org; Tue, 3 Nov 2026 09:20:30 GMT
        = mail.example.org | mx.example.com | ESMTPS | 77 | b@example.com | TLS | 2026-11-03T09:20:30Z

        # Dates that nobody can read
        Received: from a.example.org by b.example.org with SMTP id 1; Tue, 31 Feb 2026 09:20:30 +0000
        = a.example.org | b.example.org | SMTP | 1 | | |
        Received: from a.example.org by b.example.org with SMTP id 2; yesterday
        = a.example.org | b.example.org | SMTP | 2 | | |
        Received: from a.example.org by b.example.org with SMTP id 3; Tue, 3 Nov 2026 15:01:48 Pacific Standard Time
        = a.example.org | b.example.org | SMTP | 3 | | |
        Received: from a.example.org by b.example.org with SMTP id 4; Tue, 029 Apr 2026 23:34:45 +0900
        = a.example.org | b.example.org | SMTP | 4 | | |
        Received: from a.example.org by b.example.org with SMTP id 5
        = a.example.org | b.example.org | SMTP | 5 | | |

        # Brackets and quotation marks that do not end
        Received: from a.example.org (unknown [192.0.2.1] by b.example.org with SMTP id 6; Tue, 3 Nov 2026 09:20:30 +0000
        = a.example.org | b.example.org | SMTP | 6 | | | 2026-11-03T09:20:30Z
        Received: from a.example.org) by b.example.org with SMTP id 7 for "odd name"@example.org; Tue, 3 Nov 2026 09:20:29 +0000
        = a.example.org) | b.example.org | SMTP | 7 | "odd name"@example.org | | 2026-11-03T09:20:29Z
        Received: from "a.example.org by b.example.org with SMTP id 8; Tue, 3 Nov 2026 09:20:28 +0000
        = a.example.org | b.example.org | SMTP | 8 | | | 2026-11-03T09:20:28Z

        # Hosts that look like versions of TLS
        Received: from tls1.example.org (tls1-2.example.org [192.0.2.1]) by ssl3.example.com with ESMTP id 9 for <tls1@example.com>; Tue, 3 Nov 2026 09:20:30 +0000
        = tls1.example.org | ssl3.example.com | ESMTP | 9 | tls1@example.com | | 2026-11-03T09:20:30Z

        # Nothing to read
        Received: gibberish of some server
        = | | | | | |
        Received:
        = | | | | | |
        """;

    static List<TraceChains> all() {
        List<TraceChains> chains = new ArrayList<>();
        for (String chain : ALL.split("(?m)^# ")) {
            if (!chain.isBlank()) {
                chains.add(read(chain));
            }
        }
        return chains;
    }

    private static TraceChains read(String chain) {
        TraceChains read = new TraceChains(chain.lines().findFirst().orElseThrow(), new ArrayList<>(), new ArrayList<>());
        StringBuilder field = new StringBuilder();
        for (String line : chain.lines().skip(1).filter(line -> !line.isEmpty()).toList()) {
            if (line.startsWith("= ")) {
                read.fields.add(field.toString());
                read.said.add(List.of(line.substring(1).split("\\|", -1)).stream().map(String::strip).toList());
                field.setLength(0);
            } else {
                field.append(line).append("\r\n");
            }
        }
        return read;
    }

    /** A message with that header. */
    String message() {
        return String.join("", fields) + "Subject: " + name + "\r\n\r\ntext\r\n";
    }

    @Override
    public String toString() {
        return name;
    }
}
