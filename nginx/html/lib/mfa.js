/*
 * mfa: the second factor of the signed-in user: setting it up, removing it, and
 * proving it again for an action that moves money out or
 * changes staff.
 */
import { api, get, post } from './api.js';
import { busy, h, loadInto, toast } from './dom.js';
import { valueDialog, withPassword } from './value_dialog.js';

const codeField = {
	name: 'code',
	autocomplete: 'one-time-code',
	autocapitalize: 'none',
	maxlength: '40',
};

/* Asks for a code and raises the session. Resolves to true if it was raised. */
export function stepUp() {
	return valueDialog(
		{
			title: 'Confirm that it is you',
			text: 'Code of your authenticator app, or a recovery code',
			props: codeField,
			button: 'Confirm',
		},
		(code) => post('/auth/mfa', { code }),
	);
}

function showCodes(at, codes, again) {
	at.replaceChildren(
		h(
			'p',
			{ role: 'status' },
			'Two-step verification is on. Store these recovery codes in a safe place. ' +
				'Each replaces a code once. They are not shown again.',
		),
		h(
			'ul',
			{ class: 'recovery' },
			codes.map((c) => h('li', null, h('code', null, c))),
		),
		h(
			'button',
			{ class: 'btn-primary', type: 'button', onclick: again },
			'I have stored them',
		),
	);
}

function showSecret(at, secret, again) {
	const code = h('input', { required: true, ...codeField, inputmode: 'numeric' });
	const go = h('button', { class: 'btn-primary', type: 'submit' }, 'Turn on');
	const form = h(
		'form',
		{ class: 'stack' },
		h(
			'p',
			null,
			'Scan this code with your authenticator app, or enter the key by hand.',
		),
		h('img', {
			class: 'qr',
			alt: 'QR code of the key',
			src: `data:image/svg+xml,${encodeURIComponent(secret.qr_svg)}`,
		}),
		h('code', { class: 'secret' }, secret.secret),
		h('label', { class: 'field' }, h('span', null, 'Code that the app shows'), code),
		go,
	);

	form.addEventListener(
		'submit',
		busy(go, async () => {
			const made = await post('/user/mfa/totp/verify', { code: code.value });
			showCodes(at, made.recovery_codes, again);
		}),
	);
	at.replaceChildren(form);
	code.focus();
}

function showState(at, state, again) {
	const b = h(
		'button',
		{ class: state.totp ? 'danger' : 'btn-primary', type: 'button' },
		state.totp ? 'Turn off' : 'Set up',
	);

	b.addEventListener(
		'click',
		busy(b, async () => {
			if (state.totp) {
				await api('DELETE', '/user/mfa/totp');
				toast('Two-step verification is off.');
				again();
				return;
			}
			const made = await withPassword((password) =>
				post('/user/mfa/totp', { password }),
			);
			if (made !== null) showSecret(at, made.answer, again);
		}),
	);
	at.replaceChildren(
		h(
			'p',
			null,
			state.totp
				? `On. ${state.recovery_codes} recovery codes are left.`
				: 'Off. An authenticator app makes your account safer: signing in then ' +
						'needs a code of the app.',
		),
		state.required && !state.totp
			? h(
					'p',
					{ class: 'note' },
					'Members of staff must turn it on before they can use other pages.',
				)
			: '',
		b,
	);
}

/* Returns an element that shows the second factor and changes it. */
export function secondFactor() {
	const at = h('div', { class: 'stack', 'data-part': 'mfa' });
	const load = async () => showState(at, await get('/user/mfa'), again);
	const again = () => loadInto(at, load);

	again();
	return at;
}
