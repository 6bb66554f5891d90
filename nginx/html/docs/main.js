/*
 * main: the API reference: the list of operations, and the page of an operation
 * (#/op/ID), of a schema (#/schema/NAME), of all schemas (#/schemas), or the
 * overview (#/).
 */
import { useSession, whenLeaving } from '/lib/api.js';
import { busy, h, toastError } from '/lib/dom.js';
import * as auth from './auth.js';
import { described, type, view, bounds } from './schema.js';
import * as spec from './spec.js';
import { code, inline, prose } from './text.js';
import { tokenSession } from './token_session.js';
import { panel } from './try.js';

const main = document.querySelector('#main');
const list = document.querySelector('#list');
const bar = document.querySelector('.bar');
const search = h('input', {
	type: 'search',
	name: 'filter',
	placeholder: 'Filter',
	'aria-label': 'Filter operations',
	autocomplete: 'off',
});
const found = h('div', { class: 'groups' });
let leave = () => {},
	back = '#/',
	shown;

function badge(method) {
	return h('span', { class: `method ${method.toLowerCase()}` }, method);
}

function entry(o, here) {
	return h(
		'li',
		null,
		h(
			'a',
			{ href: `#/op/${o.id}`, 'aria-current': o.id === here && 'page' },
			badge(o.method),
			h('span', { class: 'what' }, o.op.summary, h('small', null, o.path)),
		),
	);
}

/* Lists the operations that contain all words of the filter. */
function fill(here) {
	const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
	const fits = (o) =>
		words.every((w) =>
			`${o.method} ${o.path} ${o.alias ?? ''} ${o.op.summary} ${o.id}`
				.toLowerCase()
				.includes(w),
		);
	const rows = spec
		.groups()
		.map((g) => ({ ...g, ops: g.ops.filter(fits) }))
		.filter((g) => g.ops.length > 0);

	found.replaceChildren(
		...rows.map((g) =>
			h(
				'details',
				{ open: words.length > 0 || g.ops.some((o) => o.id === here) },
				h('summary', null, g.name, h('small', null, g.ops.length)),
				h(
					'ul',
					null,
					g.ops.map((o) => entry(o, here)),
				),
			),
		),
		rows.length === 0
			? h('p', { class: 'soft' }, 'No operations match.')
			: h('a', { class: 'all', href: '#/schemas' }, 'Schemas'),
	);
}

function header() {
	const name = auth.who();
	const button = h(
		'button',
		{ type: 'button', class: 'btn-link enter' },
		name === null ? 'Sign in' : 'Sign out',
	);
	const menu = h(
		'button',
		{
			type: 'button',
			class: 'btn-link menu',
			'aria-controls': 'list',
			'aria-expanded': 'false',
		},
		'Operations',
	);

	button.addEventListener(
		'click',
		busy(button, async () => {
			if (name === null) {
				location.hash = '#/sign-in';
				return;
			}
			await auth.leave();
			go();
		}),
	);
	menu.addEventListener('click', () => {
		const open = list.classList.toggle('open');
		menu.setAttribute('aria-expanded', String(open));
		if (open) search.focus();
	});
	bar.replaceChildren(
		h(
			'a',
			{ class: 'brand', href: '#/' },
			h('span', { class: 'mark', 'aria-hidden': 'true' }),
			'Earmark ',
			h('small', null, 'API'),
		),
		menu,
		h('span', { class: 'me' }, name ?? ''),
		button,
	);
}

function parameters(o) {
	return o.parameters.length === 0
		? []
		: [
				h('h2', null, 'Parameters'),
				h(
					'ul',
					{ class: 'members' },
					o.parameters.map((p) =>
						h(
							'li',
							null,
							h(
								'div',
								{ class: 'head' },
								h(
									'code',
									{ class: 'name' },
									p.name,
								),
								h(
									'span',
									{ class: 'type' },
									type(p.schema ?? {}),
									` in ${p.in}`,
								),
								p.required &&
									h(
										'span',
										{ class: 'must' },
										'required',
									),
							),
							h(
								'div',
								{ class: 'bounds' },
								bounds(p.schema ?? {}),
							),
							p.description &&
								h('p', null, inline(p.description)),
						),
					),
				),
			];
}

/* Shows the schemas and examples of a request body or a response. */
function contents(part) {
	return Object.entries(part.content ?? {}).flatMap(([t, c]) => [
		h('p', { class: 'soft' }, h('code', null, t), ' ', c.schema && type(c.schema)),
		c.schema && /json/.test(t) && view(c.schema),
		...spec
			.examples(c)
			.filter(([, v]) => v !== undefined && v !== 'string')
			.map(([name, v]) =>
				h(
					'div',
					null,
					h('p', { class: 'soft' }, `Example${name && `: ${name}`}`),
					code(v, 'Example'),
				),
			),
	]);
}

function answer(status, ref, open) {
	const r = spec.deref(ref);
	const names = Object.keys(r.headers ?? {});

	return h(
		'details',
		{ class: 'answer-row', open },
		h(
			'summary',
			null,
			h('strong', { class: /^[45]/.test(status) ? 'no' : 'yes' }, status),
			' ',
			h('span', null, inline(r.description)),
		),
		r['x-codes'] &&
			h(
				'p',
				null,
				'Codes: ',
				r['x-codes'].map((c, i) => [
					i === 0 ? '' : ', ',
					h('code', null, c),
				]),
			),
		names.length > 0 &&
			h(
				'p',
				{ class: 'soft' },
				'Headers: ',
				names.map((c, i) => [i === 0 ? '' : ', ', h('code', null, c)]),
			),
		contents(r),
	);
}

const ACCESS = {
	open: 'Everyone.',
	maybe: 'Everyone. If a token is sent, it must be valid.',
	any: 'Signed-in users.',
};

function operation(o) {
	const rows = Object.entries(o.op.responses);
	const body = spec.deref(o.op.requestBody);
	const good = rows.find(([status]) => status[0] === '2')?.[0];

	return [
		h('p', { class: 'address' }, badge(o.method), ' ', h('code', null, o.path)),
		h('h1', { tabindex: '-1' }, o.op.summary),
		h(
			'button',
			{
				type: 'button',
				class: 'jump',
				onclick: () => {
					document.querySelector('#try').scrollIntoView();
					document.querySelector(
						'.try :is(input, select, textarea, ' + 'button)',
					).focus({ preventScroll: true });
				},
			},
			'Try it',
		),
		h(
			'div',
			{ class: 'two' },
			h(
				'div',
				{ class: 'about' },
				prose(o.op.description, 2),
				h(
					'dl',
					{ class: 'facts' },
					h('dt', null, 'Access'),
					h(
						'dd',
						null,
						ACCESS[o.op['x-role']] ??
							`Users with the role ${o.op['x-role'].split('|').join(' or ')}.`,
					),
					o.alias && [
						h('dt', null, 'Alias'),
						h('dd', null, h('code', null, o.alias)),
					],
				),
				parameters(o),
				body && [
					h('h2', null, 'Body'),
					body.description && h('p', null, inline(body.description)),
					contents(body),
				],
				h('h2', null, 'Responses'),
				rows.map(([status, r]) => answer(status, r, status === good)),
			),
			panel(o, (f) => {
				leave = f;
			}),
		),
	];
}

function schema(name) {
	const by = spec.users(name);
	const node = { $ref: `#/components/schemas/${name}` };
	const links = (title, rows) =>
		rows.length === 0
			? []
			: [
					h('h2', null, title),
					h(
						'ul',
						{ class: 'plain-list' },
						rows.map(([to, text]) =>
							h('li', null, h('a', { href: to }, text)),
						),
					),
				];

	return [
		h('p', { class: 'address' }, h('a', { href: '#/schemas' }, 'Schemas')),
		h('h1', { tabindex: '-1' }, name),
		described(node),
		view(node),
		links('Used by', [
			...by.ops.map((o) => [`#/op/${o.id}`, `${o.method} ${o.path}`]),
			...by.schemas.map((s) => [`#/schema/${s}`, s]),
		]),
	];
}

function schemas() {
	return [
		h('h1', { tabindex: '-1' }, 'Schemas'),
		h(
			'ul',
			{ class: 'plain-list columns' },
			spec
				.schemas()
				.map((name) =>
					h('li', null, h('a', { href: `#/schema/${name}` }, name)),
				),
		),
	];
}

function whole() {
	return [
		h(
			'h1',
			{ tabindex: '-1' },
			spec.doc.info.title,
			' ',
			h('small', null, spec.doc.info.version),
		),
		h(
			'p',
			null,
			'The OpenAPI file: ',
			h('a', { href: '/openapi.json' }, 'openapi.json'),
			', for client generators.',
		),
		prose(spec.doc.info.description, 2),
	];
}

function enter() {
	const to = back;

	return auth.page(() => {
		location.hash = to;
	});
}

const fixed = { schemas: ['Schemas', schemas], 'sign-in': ['Sign in', enter] };

function go() {
	const [, kind, name] = location.hash.split('/');
	const o = kind === 'op' ? spec.operation(name) : undefined;
	const known = kind === 'schema' && spec.schemas().includes(name);
	const page =
		o !== undefined
			? operation.bind(null, o)
			: known
				? schema.bind(null, name)
				: (fixed[kind]?.[1] ?? whole);

	leave();
	leave = () => {};
	header();
	shown = o?.id;
	fill(shown);
	list.classList.remove('open');
	back = kind === 'sign-in' ? back : location.hash;
	document.title = `${
		o?.op.summary ?? (known ? name : (fixed[kind]?.[0] ?? 'Overview'))
	} - Earmark API`;
	main.dataset.at = location.hash;
	main.replaceChildren(...page().flat(3).filter(Boolean));
	scrollTo(0, 0);
	list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
	main.querySelector('h1').focus({ preventScroll: true });
}

async function begin() {
	await useSession(tokenSession);
	await spec.load();
	list.append(search, found);
	search.addEventListener('input', () => fill(shown));
	addEventListener('keydown', (e) => {
		if (e.key !== '/' || e.target.matches('input, textarea, select')) return;
		e.preventDefault();
		search.focus();
	});
	whenLeaving(go);
	addEventListener('hashchange', go);
	go();
}

begin().catch((e) => {
	main.replaceChildren(
		h('p', { class: 'card' }, 'The API description cannot be loaded. Reload the page.'),
	);
	toastError(e);
});
