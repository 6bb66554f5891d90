/*
 * signin: the form for signing in with a one-time code or a password. On pages
 * that users can join, a code also creates an account.
 */
import { open, sendsSms, signIn as authenticate } from './api.js';
import { busy, h, toast } from './dom.js';

/*
 * The arguments of signIn(). texts: the title of the page and the text below it;
 * more: another element, or undefined; foot(): returns the end of the first form.
 */
let done, texts;

function field(label, props) {
	const input = h('input', { required: true, ...props });

	return { input, row: h('label', { class: 'field' }, h('span', null, label), input) };
}

function page(...parts) {
	return h(
		'section',
		{ class: 'narrow' },
		h(
			'div',
			{ class: 'hello' },
			h('span', { class: 'mark', 'aria-hidden': 'true' }),
			h('h1', { tabindex: '-1' }, texts.title),
			h('p', { class: 'soft' }, texts.text),
		),
		texts.more,
		h('div', { class: 'card' }, ...parts),
	);
}

function form(f, ...parts) {
	const send = parts.find((p) => p.type === 'submit');
	const e = h('form', { class: 'stack' }, ...parts);

	e.addEventListener('submit', busy(send, f));
	return e;
}

function submit(text) {
	return h('button', { class: 'btn-primary', type: 'submit' }, text);
}

function other(text, f) {
	return h('button', { class: 'btn-link', type: 'button', onclick: f }, text);
}

function swap(view) {
	document.querySelector('#main').replaceChildren(view);
	view.querySelector('input')?.focus();
}

/*
 * Sends a request that signs in. If the account has a second factor, asks for
 * its code.
 */
async function signInWith(path, body) {
	try {
		await authenticate(path, body);
	} catch (e) {
		if (e.code !== 'mfa_required') throw e;
		bySecondFactor(e.body.mfa_token);
		return;
	}
	done();
}

/* The form for the code of the second factor, or a recovery code. */
function bySecondFactor(token) {
	const code = field('Code of your authenticator app, or a recovery code', {
		name: 'code',
		autocomplete: 'one-time-code',
		autocapitalize: 'none',
		maxlength: '40',
		class: 'code',
	});

	swap(
		page(
			form(
				async () => {
					try {
						await authenticate('/auth/mfa', {
							mfa_token: token,
							code: code.input.value,
						});
					} catch (e) {
						if (e.code === 'mfa_token_invalid')
							swap(signIn(done, texts));
						else code.input.select();
						throw e;
					}
					done();
				},
				code.row,
				submit('Continue'),
				other('Start over', () => swap(signIn(done, texts))),
			),
		),
	);
}

/*
 * The form for a code. purpose: that of /auth/verify-otp; undefined: the code
 * of /auth/continue.
 */
function byCode(identifier, purpose, said) {
	const code = field('Code', {
		name: 'code',
		inputmode: 'numeric',
		autocomplete: 'one-time-code',
		pattern: '[0-9]{6}',
		maxlength: '6',
		class: 'code',
		'aria-describedby': 'sent',
	});
	const invited = field('Referral code', {
		name: 'referral',
		required: false,
		maxlength: '32',
		autocomplete: 'off',
	});

	swap(
		page(
			h('p', { id: 'sent', class: 'soft' }, said),
			form(
				() =>
					signInWith('/auth/verify-otp', {
						identifier,
						code: code.input.value,
						purpose,
						referral_code:
							invited.input.value.trim() || undefined,
					}),
				code.row,
				submit('Sign in'),
				purpose === undefined
					? other('I have a referral code', (e) => {
							e.target.replaceWith(invited.row);
							invited.input.focus();
						})
					: '',
				other('Send another code', async (e) => {
					await busy(e.target, async () => {
						await open('/auth/resend-otp', {
							identifier,
							purpose: purpose ?? 'continue',
						});
						toast(
							'If a code can be sent, it was. It may take a minute.',
						);
					})(e);
				}),
				other('Start over', () => swap(signIn(done, texts))),
			),
		),
	);
}

function byPassword(identifier) {
	const who = field('Username, e-mail or phone', {
		name: 'identifier',
		autocomplete: 'username',
		value: identifier,
		autocapitalize: 'none',
	});
	const password = field('Password', {
		name: 'password',
		type: 'password',
		autocomplete: 'current-password',
	});

	swap(
		page(
			form(
				async () => {
					const mine = who.input.value.trim();
					try {
						await signInWith('/auth/login', {
							identifier: mine,
							password: password.input.value,
						});
					} catch (e) {
						if (e.code !== 'verification_required') throw e;
						byCode(mine, 'register', `${e.message}.`);
					}
				},
				who.row,
				password.row,
				submit('Sign in'),
				other('Use a one-time code instead', () =>
					swap(signIn(done, texts, who.input.value)),
				),
			),
		),
	);
	if (identifier !== '') password.input.focus();
}

/* Signs in with a link. If it cannot be used, removes it and its form. */
async function signInWithLink(body) {
	try {
		await signInWith('/auth/link', body);
	} catch (e) {
		if (e.code !== 'link_invalid') throw e;
		history.replaceState(null, '', '#/');
		swap(
			page(
				h(
					'div',
					{ class: 'stack' },
					h('p', { role: 'alert' }, `${e.message}.`),
					h(
						'button',
						{
							class: 'btn-primary',
							type: 'button',
							onclick: () => done(),
						},
						'Sign in',
					),
				),
			),
		);
	}
}

/*
 * Returns the page of a one-time link. Opening the page does not use the link,
 * so programs that preview links do no harm.
 */
export function signInByLink(token, then, pageTexts) {
	const password = field('New password (optional)', {
		name: 'password',
		type: 'password',
		required: false,
		minlength: '8',
		maxlength: '200',
		autocomplete: 'new-password',
	});

	done = then;
	texts = pageTexts;
	return page(
		form(
			() => {
				const body = { token };
				if (password.input.value !== '')
					body.password = password.input.value;
				return signInWithLink(body);
			},
			password.row,
			submit('Sign in'),
		),
	);
}

/* Returns the label of the addresses that accounts can be created with. */
function joinsWith() {
	return sendsSms() ? 'Phone number or e-mail' : 'E-mail';
}

/*
 * Returns the form for signing in. then() is called after the user has signed
 * in. pageTexts is {title, text, joins, foot}: joins creates accounts, and
 * foot() returns an element that is shown below the form.
 */
export function signIn(then, pageTexts, identifier) {
	done = then;
	texts = pageTexts;
	const who = field(texts.joins ? joinsWith() : 'Username, e-mail or phone', {
		name: 'identifier',
		autocomplete: 'username',
		autocapitalize: 'none',
		value: identifier ?? '',
	});

	return page(
		form(
			async () => {
				const mine = who.input.value.trim();
				const answer = await open(
					texts.joins ? '/auth/continue' : '/auth/login',
					{ identifier: mine },
				);
				byCode(
					mine,
					texts.joins ? undefined : 'login',
					`${answer.message}. It may take a minute to arrive and is ` +
						'valid for five minutes. A new one can be requested ' +
						`every ${answer.resend_after} seconds.`,
				);
			},
			who.row,
			submit('Send code'),
			other('Use a password instead', () => byPassword(who.input.value.trim())),
		),
		texts.foot?.(),
	);
}

/*
 * Returns the page of an invitation of staff, which creates an account. Calls
 * then() after it was accepted.
 */
export function invitation(token, then, pageTexts) {
	const name = field('Username', {
		name: 'username',
		minlength: '3',
		maxlength: '30',
		pattern: '[A-Za-z0-9_.]+',
		title: 'Letters, digits, dots and underscores',
		autocapitalize: 'none',
		autocomplete: 'username',
	});
	const password = field('Password', {
		name: 'password',
		type: 'password',
		minlength: '8',
		maxlength: '200',
		autocomplete: 'new-password',
	});

	done = then;
	texts = pageTexts;
	return page(
		form(
			() =>
				signInWithLink({
					token,
					username: name.input.value.trim(),
					password: password.input.value,
				}),
			name.row,
			password.row,
			submit('Create account'),
		),
	);
}
