/*
 * account: the account page, by keyboard. Ana has a phone with a dark screen, an
 * address, a password and money. A new user has a large screen, and signs up
 * with a phone number.
 *
 *	node account.js '{"url": ..., "shots": ..., "password": ...}'
 *
 * url       the prefix of the pages
 * shots     folder and prefix of the names of screenshots
 * password  of ana
 * picture   a file for a picture
 * export    the file to which the data is downloaded
 * phone     command that prints the code for the new phone number of ana
 * joined    command that prints the code for the phone number of the new user
 * mail      command that prints the code for the address of the new user
 * totp      command that prints a code of the secret that is appended
 * age       command after which no sign-in is recent
 *
 * Prints JSON: {"wrong": [...], "devices": numbers of rows, "codes": number of
 * recovery codes, "history": texts of ana's events, "names": of the new user,
 * "owned": text of the deletion}.
 */
'use strict';

const {
	byCode,
	byPassword,
	finish,
	inspect,
	open,
	pictureAll,
	press,
	reload,
	run,
	tab,
	toasted,
} = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const seen = { wrong, devices: [], names: [] };
const people = [];
const NEW_PASSWORD = 'a quite different password';

async function start(is, wide, dark) {
	const who = await open({
		is,
		wide,
		dark,
		wrong,
		url: want.url,
		shots: want.shots,
		expected: (m) => /40[0139]/.test(m.text()),
	});

	people.push(who);
	await who.page.goto(`${want.url}/app/`);
	return who;
}

/* Inspects the whole page. */
async function inspectPage(who, name) {
	who.full = true;
	await inspect(who, name);
	who.full = false;
}

async function openPage(who) {
	await press(who, '.me', 90);
	await who.page.waitForSelector('[data-part=devices] li');
	await who.page.waitForSelector('[data-part=history] li:has-text("Signed in")');
	await who.page.waitForSelector('[data-part=notifications] form');
	await who.page.waitForSelector('[data-part=settings] form');
	await who.page.waitForSelector('[data-part=mfa] button');
}

async function photo(who) {
	const { page } = who;
	const img = '[data-part=profile] img.avatar';

	await page.screenshot({ path: want.picture });
	const [chooser] = await Promise.all([
		page.waitForEvent('filechooser'),
		press(who, '[data-do=photo]', 90),
	]);
	await chooser.setFiles(want.picture);
	await page.waitForFunction((s) => document.querySelector(s)?.naturalHeight === 256, img);
	await toasted(who, 'photo was changed');
	await inspect(who, 'photo');
	await press(who, '[data-part=profile] .row .btn-link', 90);
	await page.waitForSelector(img, { state: 'detached' });
	await page.waitForFunction(() => document.activeElement.matches('[data-do=photo]'));
}

/* Changes an address. ask(): what the page asks before the code. */
async function address(who, kind, to, code, ask) {
	const part = `[data-address=${kind}]`;

	await press(who, `${part} summary`, 90);
	await tab(who, `${part} input`);
	await who.page.keyboard.type(to);
	await who.page.keyboard.press('Enter');
	await ask?.();
	await who.page.waitForSelector(`${part} input[name=code]:focus`);
	await inspect(who, `${kind}-code`);
	await who.page.keyboard.type(run(code));
	await who.page.keyboard.press('Enter');
	await toasted(who, 'changed.');
	await who.page.waitForSelector(`${part} summary:focus`);
}

/* First a wrong password, then the right one. */
async function confirmPassword(who) {
	const { page } = who;

	await page.waitForSelector('dialog input[type=password]:focus');
	await page.keyboard.type('wrong');
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog [role=alert]:text("The password is wrong")');
	await inspect(who, 'password-dialog');
	await page.keyboard.type(want.password);
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog', { state: 'detached' });
}

async function password(who, old, chosen) {
	const part = '[data-part=password]';

	await press(who, `${part} summary`, 90);
	await tab(who, `${part} input[name=current_password]`);
	await who.page.keyboard.type(old);
	await tab(who, `${part} input[name=new_password]`);
	await who.page.keyboard.type(chosen);
	await who.page.keyboard.press('Enter');
	await toasted(who, 'Your password was changed');
}

/* Sets the second factor up and turns it off. */
async function secondFactor(who) {
	const { page } = who;

	await press(who, '[data-part=mfa] .btn-primary', 120);
	await page.waitForSelector('dialog input[type=password]:focus');
	await page.keyboard.type(NEW_PASSWORD);
	await page.keyboard.press('Enter');
	await page.waitForSelector('img.qr');
	await inspect(who, 'qr');
	const secret = await page.locator('code.secret').textContent();
	await page.keyboard.type(run(`${want.totp} ${secret}`));
	await page.keyboard.press('Enter');
	await page.waitForSelector('.recovery');
	await inspect(who, 'recovery');
	seen.codes = await page.locator('.recovery code').count();
	const [code] = await page.locator('.recovery code').allTextContents();
	await press(who, '[data-part=mfa] .btn-primary', 120);
	run(want.age);
	await press(who, '[data-part=mfa] .danger', 120);
	await page.waitForSelector('dialog input[name=code]:focus');
	await inspect(who, 'step-up');
	await page.keyboard.type(code);
	await page.keyboard.press('Enter');
	await toasted(who, 'Two-step verification is off');
}

async function devices(who) {
	const { page } = who;
	const rows = page.locator('[data-part=devices] li');
	const left = async (n) => {
		await page.waitForFunction(
			(all) => document.querySelectorAll('[data-part=devices] li').length === all,
			n,
		);
		seen.devices.push(await rows.count());
	};

	await reload(who);
	await page.waitForSelector('[data-part=devices] li');
	await left(4);
	await press(who, '[data-part=devices] li button', 90);
	await left(3);
	await press(who, '[data-do=others]', 90);
	await left(1);
	await toasted(who, 'All other devices');
}

/* Opens the second page of the history by keyboard. */
async function history(who) {
	const { page } = who;
	const part = '[data-part=history]';

	await page.waitForSelector(`${part} li`);
	await press(who, `${part} button`, 90);
	await page.waitForSelector(`${part} li:nth-child(11)`);
	seen.history = await page.locator(`${part} li`).allInnerTexts();
}

async function settings(who) {
	const { page } = who;

	await tab(who, '[data-kind=news][data-channel=push]', 90);
	await page.keyboard.press('Space');
	await page.locator('input[name=quiet_start]').fill('22:00');
	await page.locator('input[name=quiet_end]').fill('07:30');
	await press(who, '[data-part=notifications] button[type=submit]', 90);
	await toasted(who, 'Saved');
	await page.locator('select[name=language]').selectOption('hi');
	await page.locator('select[name=time_zone]').selectOption('Asia/Calcutta');
	await tab(who, 'input[name=show_last_seen]', 90);
	await page.keyboard.press('Space');
	await press(who, '[data-part=settings] button[type=submit]', 90);
	await toasted(who, 'Saved');
}

async function identities(who) {
	const part = '[data-part=identities]';

	await press(who, `${part} li button`, 90);
	await toasted(who, 'Google cannot sign you in');
	await who.page.waitForSelector(part, { state: 'hidden' });
}

async function blocked(who) {
	const { page } = who;

	await press(who, '[data-part=blocked] a', 120);
	await page.waitForSelector('h1:text("Blocked users")');
	await press(who, '[data-do=unblock]', 90);
	await page.waitForSelector('.rows .empty');
	await press(who, 'a.up[href="#/account"]', 90);
	await page.waitForSelector('[data-part=devices] li');
}

async function download(who) {
	const [file] = await Promise.all([
		who.page.waitForEvent('download'),
		press(who, '[data-part=export] a', 120),
	]);

	await file.saveAs(want.export);
}

/*
 * Fills the form with a number without country code, and a wrong password. The
 * message names the label of the input. The message about a failure ends with
 * the next attempt.
 */
async function wrongSignIns(who) {
	const { page } = who;

	await page.locator('input[name=identifier]').fill('9876543210');
	await page.keyboard.press('Enter');
	await toasted(who, 'Phone number or e-mail: add the country code');
	await page.locator('form .btn-link').click();
	await page.locator('input[name=password]').fill('wrong-horse-1');
	await page.keyboard.press('Enter');
	await toasted(who, 'Wrong username or password');
	await page.locator('form .btn-link').click();
	await page.locator('input[name=identifier]').fill(`again-${who.is}@example.org`);
	await page.keyboard.press('Enter');
	await page.waitForSelector('#sent:has-text("can be requested every")');
	if ((await page.locator('.toast p').count()) !== 0)
		wrong.push('the message about the wrong password is still there');
}

/* own: the account has money. */
async function deletion(who, own) {
	const { page } = who;

	await press(who, '[data-do=delete]', 120);
	await page.waitForSelector('dialog h2');
	await inspect(who, 'deletion');
	await page.keyboard.press('Escape');
	await page.waitForSelector('dialog', { state: 'detached' });
	await page.waitForSelector('[data-do=delete]:focus');
	await page.keyboard.press('Enter');
	await press(who, 'dialog .danger');
	if (own) {
		await page.waitForSelector('dialog input[name=forfeit]:focus');
		seen.owned = await page.locator('dialog dl').innerText();
		await page.keyboard.press('Space');
		await tab(who, 'dialog input[name=payout_contact]');
		await page.keyboard.type('ana at the bank');
		await inspect(who, 'deletion-money');
		await page.keyboard.press('Enter');
	}
	await toasted(who, 'Your account was deleted');
	await page.waitForSelector('input[name=identifier]');
	await wrongSignIns(who);
}

async function ana() {
	const who = await start('ana', false, true);

	await byPassword(who, 'ana', want.password);
	await openPage(who);
	await inspectPage(who, 'account');
	await photo(who);
	run(want.age);
	await address(who, 'phone', '+91 98765 43210', want.phone, () => confirmPassword(who));
	await who.page.waitForSelector('[data-address=phone] p:has-text("takes over your number")');
	await password(who, want.password, NEW_PASSWORD);
	await secondFactor(who);
	for (let i = 0; i < 3; i++)
		await who.page.evaluate(
			(pass) =>
				fetch('/api/v1/auth/login', {
					method: 'POST',
					credentials: 'omit',
					headers: { 'Content-Type': 'application/json' },
					body: JSON.stringify({ identifier: 'ana', password: pass }),
				}),
			NEW_PASSWORD,
		);
	await devices(who);
	await settings(who);
	await identities(who);
	await blocked(who);
	await download(who);
	await reload(who);
	await who.page.waitForSelector('[data-part=settings] form');
	await history(who);
	await inspectPage(who, 'changed');
	await who.page.evaluate(
		(pass) =>
			fetch('/api/v1/auth/login', {
				method: 'POST',
				headers: { 'Content-Type': 'application/json' },
				body: JSON.stringify({
					identifier: 'ana',
					password: pass,
					session: 'cookie',
				}),
			}),
		NEW_PASSWORD,
	);
	await reload(who);
	await who.page.waitForSelector('[data-part=settings] form');
	await deletion(who, true);
}

async function joined() {
	const who = await start('new', true, false);
	const { page } = who;
	const name = () => page.locator('.me span').textContent();

	await byCode(who, '+919876500000', want.joined);
	await page.waitForSelector('nav');
	await openPage(who);
	seen.names.push(await name());
	await press(who, '[data-part=profile] summary', 90);
	await inspectPage(who, 'account');
	await tab(who, 'input[name=username]');
	await page.keyboard.type('nora');
	await page.keyboard.press('Enter');
	await toasted(who, 'Your username was changed');
	seen.names.push(await name());
	await address(who, 'email', 'nora@example.org', want.mail);
	await password(who, '', NEW_PASSWORD);
	await inspectPage(who, 'complete');
	await deletion(who, false);
}

ana()
	.then(joined)
	.catch((e) => wrong.push(e.stack))
	.finally(async () => {
		if (wrong.length > 0) await pictureAll(people, `${want.shots}-end`);
		await finish(people, seen);
	});
