/*
 * schema: what a value has to look like, member by member. What a member refers
 * to is opened when somebody wants to see it.
 */
import { h } from '/lib/dom.js';
import { deref, nameOf } from './spec.js';
import { inline, prose } from './text.js';

const COMPOSED = { oneOf: 'one of these', anyOf: 'one of these', allOf: 'all of these' };

function link(name) {
	return h('a', { href: `#/schema/${name}` }, name);
}

/* "array of Flyer or null", with links. */
export function type(node) {
	const name = nameOf(node);
	const s = deref(node);

	if (name !== undefined) return [link(name)];
	for (const key of Object.keys(COMPOSED))
		if (s[key] !== undefined && s.properties === undefined)
			return s[key].flatMap((one, i) => [
				i === 0 ? '' : ' or ',
				...(one.title !== undefined ? [one.title] : type(one)),
			]);
	const types = [s.type ?? (s.const === undefined ? 'anything' : typeof s.const)].flat();
	return types.flatMap((t, i) => [
		i === 0 ? '' : ' or ',
		...(t === 'array' ? ['array of ', ...type(s.items ?? {})] : [t]),
	]);
}

function range(least, most, unit) {
	return least === undefined && most === undefined
		? []
		: most === undefined
			? [`at least ${least}${unit}`]
			: least === undefined
				? [`at most ${most}${unit}`]
				: least === most
					? [`${least}${unit}`]
					: [`${least} to ${most}${unit}`];
}

/* What else is asked of it, as short words. */
export function bounds(node) {
	const s = deref(node);
	const words = [
		...range(s.minimum, s.maximum, ''),
		...range(s.minLength, s.maxLength, ' characters'),
		...range(s.minItems, s.maxItems, ' items'),
		...(s.uniqueItems ? ['each once'] : []),
		...(s.default === undefined
			? []
			: ['default ', h('code', null, JSON.stringify(s.default))]),
		...(s.const === undefined ? [] : [h('code', null, JSON.stringify(s.const))]),
	].map((w) => h('span', { class: 'bound' }, w));

	if (s.format !== undefined) words.push(h('span', { class: 'bound' }, s.format));
	if (s.pattern !== undefined) words.push(h('code', { class: 'bound' }, s.pattern));
	if (s.enum !== undefined)
		words.push(
			h(
				'span',
				{ class: 'bound' },
				s.enum.map((e, i) => [
					i === 0 ? '' : ', ',
					h('code', null, String(e)),
				]),
			),
		);
	return words;
}

/* What of it has members worth opening, or null. */
function inner(node) {
	const s = deref(node);
	const kind = Object.keys(COMPOSED).find((key) => s[key] !== undefined);

	if (s.items !== undefined) return inner(s.items);
	if (s.properties !== undefined || typeof s.additionalProperties === 'object') return s;
	if (kind === undefined) return null;
	const parts = s[kind].map(inner).filter((p) => p !== null);
	return parts.length > 1 ? s : (parts[0] ?? null);
}

/* Opened only when it is wanted: schemas may name each other. */
function more(node, label) {
	const e = h('details', { class: 'more' }, h('summary', null, label));

	e.addEventListener('toggle', () => {
		if (e.open && e.children.length === 1) e.append(view(node));
	});
	return e;
}

function member(name, node, required) {
	const s = deref(node);
	const below = inner(node);

	return h(
		'li',
		null,
		h(
			'div',
			{ class: 'head' },
			h('code', { class: 'name' }, name),
			h('span', { class: 'type' }, type(node)),
			required && h('span', { class: 'must' }, 'required'),
		),
		h('div', { class: 'bounds' }, bounds(node)),
		(node.description ?? s.description) === undefined
			? null
			: h('p', null, inline(node.description ?? s.description)),
		below && more(below, `Members of ${name}`),
	);
}

/* The whole of a schema. */
export function view(node) {
	const s = deref(node);
	const box = h('div', { class: 'schema' });
	const kind = Object.keys(COMPOSED).find((key) => s[key] !== undefined);

	if (s.properties !== undefined)
		box.append(
			h(
				'ul',
				{ class: 'members' },
				Object.entries(s.properties).map(([name, one]) =>
					member(name, one, (s.required ?? []).includes(name)),
				),
			),
		);
	if (kind !== undefined && s.properties === undefined)
		box.append(
			h('p', { class: 'soft' }, `It is ${COMPOSED[kind]}:`),
			h(
				'ul',
				{ class: 'members' },
				s[kind].map((one, i) =>
					member(one.title ?? nameOf(one) ?? `${i + 1}`, one),
				),
			),
		);
	if (kind !== undefined && s.properties !== undefined)
		box.append(
			h(
				'p',
				{ class: 'soft' },
				'At least one of these: ',
				s[kind].map((one, i) => [
					i === 0 ? '' : '; ',
					h('code', null, (one.required ?? []).join(', ')),
				]),
			),
		);
	if (typeof s.additionalProperties === 'object')
		box.append(
			h('p', { class: 'soft' }, 'Each other member: '),
			h('ul', { class: 'members' }, member('*', s.additionalProperties)),
		);
	if (box.childElementCount === 0)
		box.append(h('p', null, type(s.items === undefined ? s : node), ' ', bounds(node)));
	if (s.type === 'array' && inner(s.items)) box.append(view(s.items));
	return box;
}

export function described(node) {
	return prose(deref(node).description, 2);
}
