/*
 * no_sms: a user signs in to /app/ of a service that sends no SMS, and looks for
 * the phone number on the account page.
 *
 *	node no_sms.js '{"url": ..., "shots": ..., "id": ..., "code": ...}'
 *
 * id     the e-mail address of the user
 * code   command that prints the code for it
 *
 * Prints JSON: {"label": of the field for signing in, "addresses": kinds on the
 * account page, "forms": kinds that have a form, "wrong": [...]}.
 */
'use strict';

const { byCode, finish, inspect, open, press } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const seen = { wrong };
const people = [];

async function main() {
	const who = await open({
		is: 'no-sms',
		wide: false,
		dark: false,
		wrong,
		url: want.url,
		shots: want.shots,
	});
	const { page } = who;

	people.push(who);
	await page.goto(`${want.url}/app/`);
	await page.waitForSelector('input[name=identifier]');
	await inspect(who, 'sign-in');
	seen.label = await page.textContent('label:has(input[name=identifier]) span');
	await byCode(who, want.id, want.code);
	await press(who, '.me', 90);
	await page.waitForSelector('[data-address=email]');
	await inspect(who, 'account');
	const kinds = (all) => all.map((e) => e.dataset.address);
	seen.addresses = await page.$$eval('[data-address]', kinds);
	seen.forms = await page.$$eval('[data-address]:has(form)', kinds);
}

main()
	.catch((e) => wrong.push(e.stack))
	.then(() => finish(people, seen));
