'use strict';
// agora.js CERTIFICATE TOKEN: what Agora's own library reads in a token, as
// JSON; exit status 1 where it is not one, or not of that certificate.
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
