/*
 * staff: the screen of staff and second factors. An administrator invites a
 * member of support. The new member sets up a second factor and signs in with
 * it. Then the administrator proves a second factor for an adjustment.
 *
 *	node staff.js '{"url": ..., "shots": ..., "password": ...}'
 *
 * url      the prefix of the pages
 * shots    folder and prefix of the names of screenshots
 * password of adm, an administrator with a second factor, and of new accounts
 * code     command that prints the next code of adm
 * totp     command that prints a code of the secret that is appended
 * fresh    command that permits codes which were used before
 * age      command after which no session has proved a second factor recently
 * user     id of a customer
 *
 * Prints JSON: {"wrong": [...], "screens": [...], "codes": n, "last": text}.
 */
'use strict';

const { byPassword, finish, inspect, open, pictureAll, press, run, tab } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const seen = { wrong };
const people = [];

async function start(is, wide, dark, path) {
	const who = await open({
		is,
		wide,
		dark,
		wrong,
		url: want.url,
		shots: want.shots,
		least: 24,
		expected: (m) => /40[0134]/.test(m.text()),
	});

	people.push(who);
	await who.page.goto(want.url + path);
	return who;
}

/* Types the code of the second factor into the form of the sign-in. */
async function secondFactor(who, command) {
	await who.page.waitForSelector('input[name=code]');
	await inspect(who, 'second-factor');
	await who.page.keyboard.type(run(command));
	await who.page.keyboard.press('Enter');
	await who.page.waitForSelector('.side nav');
}

async function invite(who) {
	const { page } = who;

	await page.goto(`${want.url}/console/#/staff`);
	await page.waitForSelector('tbody tr');
	await inspect(who, 'staff');
	await press(who, '.head .acts .btn-primary', 90);
	await tab(who, 'dialog input[name=support]');
	await page.keyboard.press('Space');
	await inspect(who, 'invite');
	await press(who, 'dialog button[type=submit]');
	const link = await page.locator('dialog [data-link]').textContent();
	await inspect(who, 'link');
	await press(who, 'dialog [data-do=done]');
	await page.waitForSelector('li:has-text("Support")');
	await inspect(who, 'waiting');
	return link;
}

/* Waits for the page of an invitation, which names the role that it offers. */
async function offered(who, name) {
	await who.page.waitForSelector(
		'.offer:has-text("this role:") li:has-text("Support: you answer users")',
	);
	await inspect(who, name);
}

async function join(who) {
	const { page } = who;

	await page.waitForSelector('input[name=username]');
	await offered(who, 'offer');
	await inspect(who, 'join');
	await tab(who, 'input[name=username]');
	await page.keyboard.type('rita');
	await tab(who, 'input[name=password]');
	await page.keyboard.type(want.password);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.side nav', { state: 'attached' });
	seen.screens = await page.evaluate(() =>
		[...document.querySelectorAll('.side nav [data-page]')].map((a) => a.dataset.page),
	);
	await page.waitForSelector('[data-part=mfa]:has-text("must turn it on")');
	if (!page.url().endsWith('#/security')) wrong.push(`the new member is at ${page.url()}`);
}

/* Opens an invitation that was used, as a user who is signed in. */
async function openAgain(who, link) {
	const { page } = who;

	await page.goto(link);
	await page.waitForSelector('main [role=alert]:has-text("was used")');
	if ((await page.locator('button:text-is("Accept")').count()) !== 0)
		wrong.push('a used invitation can be accepted');
	await page.locator('main button:text-is("Go on")').click();
	await page.waitForSelector('tbody tr');
}

/* Checks the space between the buttons of the invitations and of the rows. */
async function measure(who) {
	const gaps = await who.page.evaluate(() => {
		const boxes = (s) =>
			[...document.querySelectorAll(s)].map((e) => e.getBoundingClientRect());
		const [one, two] = boxes('.waiting li button');
		const row = document.querySelector('td .acts button').getBoundingClientRect();
		const cell = document.querySelector('td:has(.acts)').getBoundingClientRect();

		return [two.top - one.bottom, row.top - cell.top];
	});
	if (gaps[0] < 6 || gaps[1] < 5) wrong.push(`buttons are too close: ${gaps}`);
}

async function enroll(who) {
	const { page } = who;

	await page.goto(`${want.url}/console/#/security`);
	await press(who, '[data-part=mfa] .btn-primary', 90);
	await page.waitForSelector('img.qr');
	const drawn = await page.evaluate(() => document.querySelector('img.qr').naturalWidth > 0);
	if (!drawn) wrong.push('the QR code is not drawn');
	await inspect(who, 'qr');
	const secret = await page.locator('code.secret').textContent();
	await page.keyboard.type(run(`${want.totp} ${secret}`));
	await page.keyboard.press('Enter');
	await page.waitForSelector('.recovery');
	await inspect(who, 'recovery');
	const codes = await page.locator('.recovery code').allTextContents();
	seen.codes = codes.length;
	await press(who, '[data-part=mfa] .btn-primary', 90);
	await page.waitForSelector('[data-part=mfa]:has-text("10 recovery codes are left")');
	return codes;
}

async function adjust(who) {
	const { page } = who;

	run(want.age);
	await page.goto(`${want.url}/console/#/users/${want.user}/wallet`);
	await page.locator('button:text-is("Correct")').click();
	await page.locator('dialog input[name=amount]').fill('1.50');
	await page.locator('dialog [name=reason]').fill('For a test');
	await page.keyboard.press('Tab');
	await page.locator('dialog button[type=submit]').click();
	await page.waitForSelector('dialog input[name=code]');
	await inspect(who, 'step-up');
	run(want.fresh);
	await page.keyboard.type(run(want.code));
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog:has-text("Balance now")');
	seen.last = await page.locator('dialog h2').textContent();
	await page.locator('dialog [data-do=done]').click();
}

async function main() {
	const adm = await start('adm', true, false, '/console/');
	await byPassword(adm, 'adm', want.password);
	await secondFactor(adm, want.code);
	const other = await invite(adm);
	const link = await invite(adm);
	await measure(adm);
	await adm.page.goto(other);
	await offered(adm, 'offer');
	await adm.page.waitForSelector('main:has-text("added to your account adm")');

	const rita = await start('rita', false, true, new URL(link).pathname + new URL(link).hash);
	await join(rita);
	await openAgain(adm, link);
	const codes = await enroll(rita);
	await rita.page.goto(`${want.url}/console/#/audit`);
	await rita.page.waitForSelector('main h1');
	seen.denied = await rita.page.locator('main h1').textContent();
	await rita.page.context().clearCookies();
	await rita.page.reload();
	await byPassword(rita, 'rita', want.password);
	await rita.page.waitForSelector('input[name=code]');
	await rita.page.keyboard.type(codes[0]);
	await rita.page.keyboard.press('Enter');
	await rita.page.waitForSelector('.side nav', { state: 'attached' });

	await adjust(adm);
	await adm.page.goto(`${want.url}/console/#/staff`);
	await adm.page.waitForSelector('td:has-text("Authenticator app, 9 recovery codes")');
}

main()
	.catch((e) => wrong.push(e.message))
	.finally(async () => {
		if (wrong.length > 0) await pictureAll(people, `${want.shots}-end`);
		await finish(people, seen);
	});
