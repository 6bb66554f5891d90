/*
 * signin: by a one-time code, or with a password; or a new account, where a page
 * takes some.
 */
import { open, signedIn } from './api.js';
import { busy, h, toast } from './dom.js';

let done, words;

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
			h('h1', { tabindex: '-1' }, words.title),
			h('p', { class: 'soft' }, words.text),
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
							'If there is such an account, a new code is on ' +
								'its way.',
						);
					})(e);
				}),
				other('Start again', () => swap(signIn(done, words))),
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
	const word = field('Password', {
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
								password: word.input.value,
							}),
						);
					} catch (e) {
						if (e.code !== 'verification_required') throw e;
						byCode(mine, 'register', e.message);
					}
				},
				who.row,
				word.row,
				submit('Sign in'),
				other('Use a one-time code instead', () =>
					swap(signIn(done, words, who.input.value)),
				),
			),
		),
	);
	if (identifier !== '') word.input.focus();
}

/* A new account, which the code that was sent to its address opens. */
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
	const word = field('Password', {
		name: 'password',
		type: 'password',
		minlength: '8',
		maxlength: '200',
		autocomplete: 'new-password',
	});
	const invited = field('Invited by (a code, if you have one)', {
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
						password: word.input.value,
						[address.includes('@') ? 'email' : 'phone']:
							address,
					};
					if (code !== '') body.referral_code = code;
					const { otp } = await open('/auth/register', body);
					byCode(
						body.username,
						'register',
						`A code was sent to ${otp.sent_to}. ` +
							'It opens your account.',
					);
				},
				name.row,
				at.row,
				word.row,
				invited.row,
				submit('Make my account'),
				other('I have an account', () => swap(signIn(done, words))),
			),
		),
	);
}

/*
 * then() is called once somebody is signed in. What the page says of itself is
 * its own: {title, text, joins, foot}; joins: new people may make an account;
 * foot is called for what stands below.
 */
export function signIn(then, say, identifier) {
	const who = field('Username, e-mail or phone', {
		name: 'identifier',
		autocomplete: 'username',
		autocapitalize: 'none',
		value: identifier ?? '',
	});

	done = then;
	words = say;
	return page(
		form(
			async () => {
				const mine = who.input.value.trim();
				const answer = await open('/auth/login', { identifier: mine });
				byCode(
					mine,
					'login',
					`${answer.message}. It is good for five ` + 'minutes.',
				);
			},
			who.row,
			submit('Send me a code'),
			other('Use a password instead', () => byPassword(who.input.value.trim())),
			words.joins ? other('Make an account', register) : '',
		),
		words.foot?.(),
	);
}
