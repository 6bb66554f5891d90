'use strict';
// agora.js CERTIFICATE TOKEN: prints the contents that Agora's library reads from a
// token as JSON. Exits with 1 if the token is invalid or of another certificate.
const { AccessToken2 } = require('agora-token/src/AccessToken2');

const [certificate, text] = process.argv.slice(2);
const token = new AccessToken2('', '', 0, 0);
if (!token.from_string(text) || !token.verifySignature(certificate)) process.exit(1);
const rtc = token.services[0];
process.stdout.write(
	JSON.stringify({
		app_id: String(token.appId),
		issued: token.issueTs,
		expire: token.expire,
		services: token.services.length,
		channel: String(rtc.__channel_name),
		uid: String(rtc.__uid),
		privileges: rtc.__privileges,
	}) + '\n',
);
