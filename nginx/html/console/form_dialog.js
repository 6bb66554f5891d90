/*
 * form_dialog: a modal dialog with a form that confirms an action.
 *
 *	ask({
 *		title: 'Ban anna?',
 *		text: 'All tokens become invalid.',
 *		fields: [{ name: 'reason', text: 'Reason', required: true }],
 *		button: 'Ban', danger: true,
 *		run: async (values) => { ...; return 'Banned.'; },
 *	})
 *
 * run(values, key) gets the values and an idempotency key, which changes after
 * a client error. If run() returns a string, the dialog closes and the string
 * is shown as a message. An element is shown in the dialog. An exception is
 * shown there too, and the user can try again. ask() resolves to true if run()
 * succeeded.
 *
 * plan.roles: the roles that may do this, besides admin; all if absent.
 *
 * A field: name, text, kind (text, area, select, check, number, amount, when;
 * text if absent), required, value, hint, options, currency, max.
 */
import { busy, h, toast } from '/lib/dom.js';
import { may } from './access.js';
import { minor } from './format.js';

let numbers = 0;

function input(f) {
	const p = {
		name: f.name,
		id: `ask-${++numbers}`,
		required: f.required,
		maxlength: f.max,
		'aria-describedby': f.hint && `hint-${numbers}`,
	};

	if (f.kind === 'area') return h('textarea', { ...p, rows: '3' }, f.value ?? '');
	if (f.kind === 'select')
		return h(
			'select',
			p,
			Object.entries(f.options).map(([k, v]) =>
				h('option', { value: k, selected: k === f.value }, v),
			),
		);
	if (f.kind === 'check')
		return h('input', { ...p, type: 'checkbox', checked: f.value === true });
	if (f.kind === 'when') return h('input', { ...p, type: 'datetime-local', value: f.value });
	if (f.kind === 'number')
		return h('input', { ...p, type: 'number', min: f.min ?? 1, value: f.value });
	return h('input', {
		...p,
		type: 'text',
		value: f.value,
		inputmode: f.kind === 'amount' && 'decimal',
		autocomplete: 'off',
	});
}

function row(f) {
	const e = input(f);
	const hint = f.hint
		? h('span', { class: 'hint', id: e.getAttribute('aria-describedby') }, f.hint)
		: null;

	f.input = e;
	return f.kind === 'check'
		? h('div', { class: 'field' }, h('label', { class: 'check' }, e, f.text), hint)
		: h(
				'div',
				{ class: 'field' },
				h(
					'label',
					{ for: e.id },
					f.text,
					f.required || f.kind === 'select'
						? null
						: h('span', { class: 'soft' }, ' (optional)'),
				),
				e,
				hint,
			);
}

/*
 * Returns the value of a field, null if it is empty. Throws an Error if it is
 * invalid.
 */
function read(f) {
	const text = f.kind === 'check' ? '' : f.input.value.trim();

	if (f.kind === 'check') return f.input.checked;
	if (text === '') {
		if (f.required) throw new Error(`${f.text} is required.`);
		return null;
	}
	if (f.kind === 'number') return Number(text);
	if (f.kind === 'when') return new Date(text).toISOString().replace(/\.\d+Z$/, 'Z');
	if (f.kind === 'amount') {
		const n = minor(text, f.currency);
		if (Number.isNaN(n)) throw new Error(`${f.text}: enter an amount such as 12.50.`);
		return n;
	}
	return text;
}

function values(fields) {
	return Object.fromEntries(
		fields.map((f) => {
			try {
				return [f.name, read(f)];
			} catch (e) {
				f.input.focus();
				throw e;
			}
		}),
	);
}

export function ask(plan) {
	const fields = plan.fields ?? [];
	let key = crypto.randomUUID();
	const problem = h('p', { class: 'note wrong', role: 'alert', hidden: true });
	const go = h(
		'button',
		{ class: plan.danger ? 'danger' : 'btn-primary', type: 'submit' },
		plan.button,
	);
	const form = h(
		'form',
		{ class: 'card stack', novalidate: true },
		h('h2', { id: 'ask' }, plan.title),
		plan.text ? h('p', { class: 'soft', id: 'ask-text' }, plan.text) : null,
		plan.parts,
		fields.map(row),
		problem,
		h(
			'div',
			{ class: 'choice' },
			h(
				'button',
				{ type: 'button', 'data-do': 'cancel', onclick: () => e.close() },
				'Cancel',
			),
			go,
		),
	);
	const e = h(
		'dialog',
		{
			class: 'sheet',
			'aria-labelledby': 'ask',
			'aria-describedby': plan.text && 'ask-text',
		},
		form,
	);
	let done = false;

	function show(result) {
		const close = h(
			'button',
			{
				class: 'btn-primary',
				type: 'button',
				'data-do': 'done',
				onclick: () => e.close(),
			},
			'Done',
		);
		form.replaceChildren(
			h('div', { role: 'status' }, h('h2', { id: 'ask' }, plan.done ?? 'Done')),
			result,
			h('div', { class: 'choice' }, close),
		);
		close.focus();
	}
	form.addEventListener(
		'submit',
		busy(go, async () => {
			problem.hidden = true;
			try {
				const result = await plan.run(values(fields), key);
				done = true;
				if (typeof result === 'string') {
					e.close();
					toast(result);
				} else {
					show(result);
				}
			} catch (why) {
				/*
				 * The request was rejected, so the next one
				 * needs a new key.
				 */
				if (
					why.status >= 400 &&
					why.status < 500 &&
					why.code !== 'idempotency_in_progress'
				)
					key = crypto.randomUUID();
				problem.textContent = why.message;
				problem.hidden = false;
			}
		}),
	);
	document.body.append(e);
	e.showModal();
	(fields[0]?.input ?? (plan.danger ? form.querySelector('[data-do=cancel]') : go)).focus();
	return new Promise((f) => {
		e.addEventListener('close', () => {
			e.remove();
			f(done);
		});
	});
}

/*
 * Returns a button that opens the dialog. again() is called after a success.
 * Returns null if plan.roles is set and the user has none of these roles.
 */
export function asks(text, plan, again, more) {
	if (plan.roles !== undefined && !may(...plan.roles)) return null;
	const b = h('button', { class: more ?? 'small', type: 'button' }, text);

	b.addEventListener('click', async () => {
		if (await ask(typeof plan === 'function' ? plan() : plan)) await again?.();
	});
	return b;
}
