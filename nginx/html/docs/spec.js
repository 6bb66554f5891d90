/*
 * spec: loads openapi.json and answers queries about it.
 */
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/* Nesting at which generated examples stop. */
const DEPTH = 6;

export let doc = null;
let all = [];

export async function load() {
	const answer = await fetch('/openapi.json', { credentials: 'omit' });

	if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
	doc = await answer.json();
	all = Object.entries(doc.paths).flatMap(([path, item]) =>
		METHODS.filter((m) => item[m] !== undefined).map((m) => ({
			path,
			method: m.toUpperCase(),
			op: item[m],
			id: item[m].operationId,
			alias: item['x-alias'],
			pool: item['x-pool'],
			parameters: [...(item.parameters ?? []), ...(item[m].parameters ?? [])].map(
				deref,
			),
		})),
	);
}

/* Resolves a node that is a reference. */
export function deref(node) {
	while (node?.$ref !== undefined)
		node = node.$ref
			.slice(2)
			.split('/')
			.reduce((at, part) => at[part], doc);
	return node;
}

/* Returns the name of the schema that a node refers to, or undefined. */
export function nameOf(node) {
	return node.$ref?.match(/^#\/components\/schemas\/(.+)$/)?.[1];
}

export function operation(id) {
	return all.find((o) => o.id === id);
}

/* Returns the operations by their first tag, in the order of the tags. */
export function groups() {
	return doc.tags
		.map((tag) => ({ ...tag, ops: all.filter((o) => o.op.tags[0] === tag.name) }))
		.filter((g) => g.ops.length > 0);
}

export function schemas() {
	return Object.keys(doc.components.schemas).sort();
}

/* Returns the operations and schemas that refer to a schema. */
export function users(name) {
	const ref = `"#/components/schemas/${name}"`;
	const refers = (node) => JSON.stringify(node).includes(ref);
	const shared = Object.keys(doc.components.responses)
		.filter((key) => refers(doc.components.responses[key]))
		.map((key) => `"#/components/responses/${key}"`);

	return {
		ops: all.filter(
			(o) =>
				refers(o.op) ||
				shared.some((s) => JSON.stringify(o.op.responses).includes(s)),
		),
		schemas: schemas().filter((s) => s !== name && refers(doc.components.schemas[s])),
	};
}

/* Generates an example value of a schema. */
function sample(node, depth) {
	const s = deref(node);
	const one = s.oneOf ?? s.anyOf ?? s.allOf;
	const type = [s.type].flat()[0];

	if (s.example !== undefined || s.const !== undefined) return s.example ?? s.const;
	if (s.default !== undefined || s.enum !== undefined) return s.default ?? s.enum[0];
	if (s.properties === undefined && one !== undefined)
		return depth > DEPTH ? null : sample(one[0], depth + 1);
	if (type === 'object')
		return depth > DEPTH
			? {}
			: Object.fromEntries(
					Object.entries(s.properties ?? {}).map(([k, v]) => [
						k,
						sample(v, depth + 1),
					]),
				);
	if (type === 'array')
		return depth > DEPTH || s.items === undefined ? [] : [sample(s.items, depth + 1)];
	if (type === 'integer' || type === 'number') return s.minimum ?? 0;
	return type === 'boolean' ? false : type === 'null' ? null : 'string';
}

/* Returns the examples of a media type object: [[name, value], ...]. */
export function examples(content) {
	if (content.example !== undefined) return [['', content.example]];
	if (content.examples !== undefined)
		return Object.entries(content.examples).map(([k, v]) => [k, deref(v).value]);
	return content.schema === undefined ? [] : [['', sample(content.schema, 0)]];
}
