/*
 * schema: shows a JSON schema as a list of members. The schema of a member is
 * rendered when the user opens it.
 */
import { h } from '/lib/dom.js';
import { deref, nameOf } from './spec.js';
import { inline, prose } from './text.js';

const COMPOSED = { oneOf: 'one of these', anyOf: 'one of these', allOf: 'all of these' };

function link(name) {
	return h('a', { href: `#/schema/${name}` }, name);
}

/*
 * Returns the type of a schema, such as "array of Flyer or null", with links.
 */
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

function range(min, max, unit) {
	return min === undefined && max === undefined
		? []
		: max === undefined
			? [`at least ${min}${unit}`]
			: min === undefined
				? [`at most ${max}${unit}`]
				: min === max
					? [`${min}${unit}`]
					: [`${min} to ${max}${unit}`];
}

/* Returns the constraints of a schema as short texts. */
export function bounds(node) {
	const s = deref(node);
	const parts = [
		...range(s.minimum, s.maximum, ''),
		...range(s.minLength, s.maxLength, ' characters'),
		...range(s.minItems, s.maxItems, ' items'),
		...(s.uniqueItems ? ['unique'] : []),
		...(s.default === undefined
			? []
			: ['default ', h('code', null, JSON.stringify(s.default))]),
		...(s.const === undefined ? [] : [h('code', null, JSON.stringify(s.const))]),
	].map((w) => h('span', { class: 'bound' }, w));

	if (s.format !== undefined) parts.push(h('span', { class: 'bound' }, s.format));
	if (s.pattern !== undefined) parts.push(h('code', { class: 'bound' }, s.pattern));
	if (s.enum !== undefined)
		parts.push(
			h(
				'span',
				{ class: 'bound' },
				s.enum.map((e, i) => [
					i === 0 ? '' : ', ',
					h('code', null, String(e)),
				]),
			),
		);
	return parts;
}

/*
 * Returns the schema whose members can be opened: the node or its items. Null
 * if none.
 */
function inner(node) {
	const s = deref(node);
	const kind = Object.keys(COMPOSED).find((key) => s[key] !== undefined);

	if (s.items !== undefined) return inner(s.items);
	if (s.properties !== undefined || typeof s.additionalProperties === 'object') return s;
	if (kind === undefined) return null;
	const parts = s[kind].map(inner).filter((p) => p !== null);
	return parts.length > 1 ? s : (parts[0] ?? null);
}

/*
 * Renders the members when they are opened, because schemas can be recursive.
 */
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

/* Returns the members and alternatives of a schema. */
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
			h('p', { class: 'soft' }, `The value is ${COMPOSED[kind]}:`),
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
				'At least one of these is required: ',
				s[kind].map((one, i) => [
					i === 0 ? '' : '; ',
					h('code', null, (one.required ?? []).join(', ')),
				]),
			),
		);
	if (typeof s.additionalProperties === 'object')
		box.append(
			h('p', { class: 'soft' }, 'All other members: '),
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
