/*
 * promotions: codes that customers redeem for money or free minutes.
 */
import { api, post } from '/lib/api.js';
import { h, money } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { currency } from './currency.js';
import { screen } from './list.js';
import { badge, count, decimal, time } from './format.js';

const kinds = { bonus: 'Money', minutes: 'Minutes' };

/* Leaves out the empty fields. */
function withoutEmpty(v) {
	return Object.fromEntries(Object.entries(v).filter(([, one]) => one !== null));
}

function create(unit) {
	return {
		title: 'New promotion',
		button: 'Create',
		fields: [
			{
				name: 'code',
				text: 'Code',
				max: 32,
				required: true,
				hint: 'Letters, digits, - and _. Stored in upper case.',
			},
			{
				name: 'kind',
				text: 'Type',
				kind: 'select',
				options: kinds,
				value: 'bonus',
			},
			{
				name: 'value',
				text: 'Value',
				kind: 'amount',
				currency: unit,
				required: true,
				hint: `An amount in ${unit}, or a number of minutes.`,
			},
			{ name: 'per_user', text: 'Limit per user', kind: 'number', value: '1' },
			{
				name: 'total',
				text: 'Total limit',
				kind: 'number',
				hint: 'If empty, there is no limit.',
			},
			{ name: 'starts_at', text: 'Starts', kind: 'when' },
			{ name: 'ends_at', text: 'Ends', kind: 'when' },
			{ name: 'note', text: 'Note', max: 500 },
		],
		run: async (v) => {
			/*
			 * The field returns minor units, but minutes are whole
			 * numbers.
			 */
			if (v.kind === 'minutes') v.value = Number(decimal(v.value, unit));
			const p = await post('/admin/promotions', withoutEmpty(v));
			return `${p.code} can be redeemed.`;
		},
	};
}

function toggle(p) {
	return {
		title: p.active ? `Stop ${p.code}?` : `Start ${p.code} again?`,
		button: p.active ? 'Stop' : 'Start',
		danger: p.active,
		text: p.active
			? 'The code can no longer be redeemed. Redeemed amounts are kept.'
			: 'The code can be redeemed again.',
		run: async () => {
			await api('PATCH', `/admin/promotions/${p.id}`, { active: !p.active });
			return `${p.code} was ${p.active ? 'stopped' : 'started'}.`;
		},
	};
}

/* Converts an ISO 8601 time to the value of a datetime-local input. */
function local(iso) {
	if (iso === null) return undefined;
	const d = new Date(iso);

	return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function limits(p) {
	return {
		title: `Limits of ${p.code}`,
		button: 'Save',
		fields: [
			{
				name: 'total',
				text: 'Total limit',
				kind: 'number',
				value: p.total,
				min: Math.max(1, p.redeemed),
				hint: 'If empty, there is no limit.',
			},
			{
				name: 'ends_at',
				text: 'Ends',
				kind: 'when',
				value: local(p.ends_at),
				hint: 'If empty, it does not end.',
			},
		],
		run: async (v) => {
			await api('PATCH', `/admin/promotions/${p.id}`, v);
			return `The limits of ${p.code} were changed.`;
		},
	};
}

function state(p) {
	const now = Date.now();

	return !p.active
		? badge('none', 'stopped')
		: p.ends_at !== null && new Date(p.ends_at) <= now
			? badge('none', 'ended')
			: p.total !== null && p.redeemed >= p.total
				? badge('none', 'used up')
				: p.starts_at !== null && new Date(p.starts_at) > now
					? badge('pending', 'scheduled')
					: badge('active');
}

export default async function promotions(at) {
	const unit = await currency();
	const l = screen(
		at,
		{
			title: 'Promotions',
			path: '/admin/promotions',
			member: 'promotions',
			key: (p) => p.id,
			nothing: 'There are no promotions yet.',
			columns: [
				{ text: 'Code', cell: (p) => h('code', null, p.code) },
				{ text: 'State', cell: state },
				{
					text: 'Type',
					cell: (p) =>
						p.kind === 'bonus'
							? money(p.value, unit)
							: `${p.value} min`,
				},
				{
					text: 'Redeemed',
					end: true,
					cell: (p) =>
						p.total === null
							? count(p.redeemed)
							: `${count(p.redeemed)} of ${count(p.total)}`,
				},
				{ text: 'Per user', end: true, cell: (p) => count(p.per_user) },
				{ text: 'Ends', cell: (p) => time(p.ends_at) },
				{ text: 'Note', wide: true, cell: (p) => p.note },
				{
					text: 'Change',
					end: true,
					hidden: true,
					wide: true,
					cell: (p) =>
						h(
							'div',
							{ class: 'acts' },
							asks('Limits', limits(p), () => l.load()),
							asks(
								p.active ? 'Stop' : 'Start',
								toggle(p),
								() => l.load(),
							),
						),
				},
			],
			csv: {
				id: (p) => p.id,
				code: (p) => p.code,
				kind: (p) => p.kind,
				value: (p) =>
					p.kind === 'bonus' ? decimal(p.value, unit) : p.value,
				active: (p) => p.active,
				redeemed: (p) => p.redeemed,
				total: (p) => p.total,
				per_user: (p) => p.per_user,
				starts_at: (p) => p.starts_at,
				ends_at: (p) => p.ends_at,
				note: (p) => p.note,
				created_at: (p) => p.created_at,
			},
		},
		asks(
			'New promotion',
			() => create(unit),
			() => l.load(),
			'btn-primary',
		),
	);
	return l.view;
}
