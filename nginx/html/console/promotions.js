/*
 * promotions: codes that customers redeem for money, free minutes, or a bonus on
 * their next top-up.
 */
import { api, post } from '/lib/api.js';
import { h, money } from '/lib/dom.js';
import { may } from './access.js';
import { asks } from './form_dialog.js';
import { currency } from './currency.js';
import { screen } from './list.js';
import { badge, count, decimal, time } from './format.js';

const kinds = {
	bonus: 'Money',
	minutes: 'Minutes',
	topup_percent: 'Percent of the next top-up',
};
const audiences = { all: 'Everybody', new: 'New customers', list: 'Listed users' };

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
				hint: `An amount in ${unit}, a number of minutes, or a percentage.`,
			},
			{
				name: 'max_rate',
				text: 'Maximum rate',
				kind: 'amount',
				currency: unit,
				hint: 'Required for minutes: they apply up to this rate per minute.',
			},
			{
				name: 'max_bonus',
				text: 'Maximum bonus',
				kind: 'amount',
				currency: unit,
				hint: 'Required for a percentage.',
			},
			{
				name: 'min_topup',
				text: 'Smallest top-up',
				kind: 'amount',
				currency: unit,
				hint: 'For a percentage. If empty, each top-up counts.',
			},
			{
				name: 'audience',
				text: 'Audience',
				kind: 'select',
				options: audiences,
				value: 'all',
			},
			{
				name: 'users',
				text: 'User IDs',
				hint: 'For listed users: numbers, separated by commas.',
			},
			{
				name: 'budget',
				text: 'Budget',
				kind: 'amount',
				currency: unit,
				hint: 'If empty, the cost of 100 redemptions.',
			},
			{
				name: 'valid_days',
				text: 'Valid days',
				kind: 'number',
				hint: 'If empty, what is granted does not expire.',
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
			 * The field returns minor units, but minutes and percents
			 * are whole numbers.
			 */
			if (v.kind !== 'bonus') v.value = Number(decimal(v.value, unit));
			if (v.users) v.users = v.users.split(',').map(Number);
			const p = await post('/admin/promotions', withoutEmpty(v));
			return `${p.code} can be redeemed.`;
		},
	};
}

function toggle(p) {
	return {
		roles: ['finance'],
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

function limits(p, unit) {
	return {
		roles: ['finance'],
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
			{
				name: 'budget',
				text: 'Budget',
				kind: 'amount',
				currency: unit,
				value: decimal(p.budget, unit),
				required: true,
				hint: `${money(p.spent, unit)} are spent, ${money(p.reserved, unit)} reserved.`,
			},
		],
		run: async (v) => {
			await api('PATCH', `/admin/promotions/${p.id}`, v);
			return `The limits of ${p.code} were changed.`;
		},
	};
}

/* Returns the maximum cost of one redemption. */
function cost(p) {
	return p.kind === 'bonus'
		? p.value
		: p.kind === 'minutes'
			? p.value * p.max_rate
			: p.max_bonus;
}

function benefit(p, unit) {
	return p.kind === 'bonus'
		? money(p.value, unit)
		: p.kind === 'minutes'
			? `${p.value} min up to ${money(p.max_rate, unit)}`
			: `${p.value} % up to ${money(p.max_bonus, unit)}`;
}

function state(p) {
	const now = Date.now();

	return !p.active
		? badge('none', 'stopped')
		: p.ends_at !== null && new Date(p.ends_at) <= now
			? badge('none', 'ended')
			: p.total !== null && p.redeemed >= p.total
				? badge('none', 'used up')
				: cost(p) > p.budget - p.spent - p.reserved
					? badge('none', 'exhausted')
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
					cell: (p) => benefit(p, unit),
				},
				{
					text: 'Cost',
					end: true,
					cell: (p) =>
						`${money(p.spent + p.reserved, unit)} of ${money(p.budget, unit)}`,
				},
				{
					text: 'Redeemed',
					end: true,
					cell: (p) =>
						p.total === null
							? count(p.redeemed)
							: `${count(p.redeemed)} of ${count(p.total)}`,
				},
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
							asks('Limits', limits(p, unit), () =>
								l.load(),
							),
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
				max_rate: (p) => p.max_rate && decimal(p.max_rate, unit),
				max_bonus: (p) => p.max_bonus && decimal(p.max_bonus, unit),
				min_topup: (p) => decimal(p.min_topup, unit),
				audience: (p) => p.audience,
				budget: (p) => decimal(p.budget, unit),
				reserved: (p) => decimal(p.reserved, unit),
				spent: (p) => decimal(p.spent, unit),
				valid_days: (p) => p.valid_days,
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
		may('finance') &&
			asks(
				'New promotion',
				() => create(unit),
				() => l.load(),
				'btn-primary',
			),
	);
	return l.view;
}
