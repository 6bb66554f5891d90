/*
 * signin: the form for signing in with a one-time code or a password. Pages may
 * also offer registration.
 */
import { open, signedIn } from './api.js';
import { busy, h, toast } from './dom.js';

/* The arguments of signIn(). */
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

function enter(answer) {
	signedIn(answer);
	done();
}

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

	swap(
		page(
			h('p', { id: 'sent', class: 'soft' }, said),
			form(
				async () =>
					enter(
						await open('/auth/verify-otp', {
							identifier,
							code: code.input.value,
							purpose,
						}),
					),
				code.row,
				submit('Sign in'),
				other('Send another code', async (e) => {
					await busy(e.target, async () => {
						await open('/auth/resend-otp', {
							identifier,
							purpose,
						});
						toast(
							'If this account exists, a new code was sent.',
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
						enter(
							await open('/auth/login', {
								identifier: mine,
								password: password.input.value,
							}),
						);
					} catch (e) {
						if (e.code !== 'verification_required') throw e;
						byCode(mine, 'register', e.message);
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

/*
 * The registration form. The account becomes active with the code sent to its
 * address.
 */
function register() {
	const name = field('Username', {
		name: 'username',
		minlength: '3',
		maxlength: '30',
		pattern: '[A-Za-z0-9_.]+',
		title: 'Letters, digits, dots and underscores',
		autocapitalize: 'none',
		autocomplete: 'username',
	});
	const at = field('E-mail or phone', {
		name: 'address',
		autocapitalize: 'none',
		autocomplete: 'email',
	});
	const password = field('Password', {
		name: 'password',
		type: 'password',
		minlength: '8',
		maxlength: '200',
		autocomplete: 'new-password',
	});
	const invited = field('Referral code (optional)', {
		name: 'referral',
		required: false,
		maxlength: '32',
		autocomplete: 'off',
	});

	swap(
		page(
			form(
				async () => {
					const address = at.input.value.trim();
					const code = invited.input.value.trim();
					const body = {
						username: name.input.value.trim(),
						password: password.input.value,
						[address.includes('@') ? 'email' : 'phone']:
							address,
					};
					if (code !== '') body.referral_code = code;
					const { otp } = await open('/auth/register', body);
					byCode(
						body.username,
						'register',
						`A code was sent to ${otp.sent_to}. ` +
							'Enter it to activate your account.',
					);
				},
				name.row,
				at.row,
				password.row,
				invited.row,
				submit('Create account'),
				other('I already have an account', () => swap(signIn(done, texts))),
			),
		),
	);
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
			async () => {
				const body = { token };
				if (password.input.value !== '')
					body.password = password.input.value;
				enter(await open('/auth/link', body));
			},
			password.row,
			submit('Sign in'),
		),
	);
}

/*
 * Returns the form for signing in. then() is called after the user has signed
 * in. pageTexts is {title, text, joins, foot}: joins enables registration, and
 * foot() returns an element that is shown below the form.
 */
export function signIn(then, pageTexts, identifier) {
	const who = field('Username, e-mail or phone', {
		name: 'identifier',
		autocomplete: 'username',
		autocapitalize: 'none',
		value: identifier ?? '',
	});

	done = then;
	texts = pageTexts;
	return page(
		form(
			async () => {
				const mine = who.input.value.trim();
				const answer = await open('/auth/login', { identifier: mine });
				byCode(
					mine,
					'login',
					`${answer.message}. It is valid for five minutes.`,
				);
			},
			who.row,
			submit('Send code'),
			other('Use a password instead', () => byPassword(who.input.value.trim())),
			texts.joins ? other('Create an account', register) : '',
		),
		texts.foot?.(),
	);
}
