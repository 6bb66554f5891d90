/*
 * sign_in_link: an administrator opens a one-time link, sets a password, and
 * opens the link again.
 *
 *	node sign_in_link.js '{"url": ..., "shots": ..., "link": ..., "wide": ...}'
 *
 * link     the link that `earmark user add` printed
 * password the new password; "": none is set
 *
 * Prints JSON: {"heading": text after sign-in, "hash": of the URL then, "again":
 * the message of the second use, "wrong": [...]}.
 */
'use strict';

const { inspect, open } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const out = { wrong };

async function use(who) {
	await who.page.goto(want.link);
	await who.page.waitForSelector('input[name=password]');
	await inspect(who, 'link');
	if (want.password !== '') await who.page.fill('input[name=password]', want.password);
	await who.page.press('input[name=password]', 'Enter');
}

async function main() {
	const who = await open({
		is: 'root',
		wide: want.wide,
		dark: !want.wide,
		wrong,
		url: want.url,
		shots: want.shots,
		/* The second use of the link. */
		expected: (m) => /404/.test(m.text()) && /auth\/link/.test(m.location().url),
	});

	await use(who);
	await who.page.waitForSelector('.side [data-page=users]', { state: 'attached' });
	/* The title of the form to sign in remains until the page is drawn. */
	await who.page.waitForFunction(() => {
		const title = document.querySelector('main h1');
		return title !== null && title.textContent !== 'Console';
	});
	out.heading = await who.page.textContent('main h1');
	out.hash = new URL(who.page.url()).hash;
	await who.page.context().clearCookies();
	await who.page.goto('about:blank');
	await use(who);
	await who.page.waitForFunction(() => /Ask for a new one/.test(document.body.textContent));
	await inspect(who, 'used');
	out.again = true;
	await who.browser.close();
}

main()
	.catch((e) => wrong.push(e.stack))
	.then(() => {
		process.stdout.write(JSON.stringify(out));
		process.exit(wrong.length === 0 ? 0 : 1);
	});
