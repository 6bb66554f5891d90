/*
 * try: the form that sends a request for an operation and shows its curl
 * command.
 */
import { busy, h, toast } from '/lib/dom.js';
import { bearer, may, who } from './auth.js';
import { bounds } from './schema.js';
import { deref, examples } from './spec.js';
import { code } from './text.js';

/* Characters of a response that are shown. */
const MAX_SHOWN = 256 * 1024;
const TEXT = /^(text\/|application\/(.*\+)?json)/;

/* Quotes a text for a POSIX shell. */
function quote(text) {
	return `'${text.replaceAll("'", "'\\''")}'`;
}

/* Creates the input of a parameter. */
function input(p) {
	const s = deref(p.schema ?? {});
	const options = s.enum ?? (s.type === 'boolean' ? ['true', 'false'] : null);
	const props = { name: p.name, 'data-in': p.in, required: p.required };

	if (options !== null)
		return h(
			'select',
			props,
			h('option', { value: '' }, ''),
			options.map((w) => h('option', { value: w }, String(w))),
		);
	return h('input', {
		...props,
		autocomplete: 'off',
		spellcheck: 'false',
		inputmode: s.type === 'integer' ? 'numeric' : null,
		value: p.in === 'path' ? (p.example ?? s.example) : null,
	});
}

/* Creates the input of the body: a file for images, otherwise a text area. */
function bodyOf(op) {
	const content = deref(op.requestBody)?.content ?? {};
	const types = Object.keys(content);

	if (types.length === 0) return null;
	if (types.some((t) => t.startsWith('image/')))
		return {
			types,
			file: true,
			e: h('input', { type: 'file', name: 'body', accept: types.join(',') }),
		};
	const value = examples(content[types[0]])[0]?.[1] ?? '';
	const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
	const e = h('textarea', {
		name: 'body',
		spellcheck: 'false',
		rows: String(Math.min(16, Math.max(4, text.split('\n').length))),
	});

	e.value = text;
	return { types, file: false, e };
}

/* Returns the request for the current values of the form. */
function request(o, inputs, body) {
	const to = new URL(location.origin);
	const headers = {};
	let path = o.path;

	for (const e of inputs) {
		const where = e.dataset.in;

		if (where === 'path')
			path = path.replace(`{${e.name}}`, encodeURIComponent(e.value));
		else if (e.value !== '' && where === 'query')
			to.searchParams.append(e.name, e.value);
		else if (e.value !== '') headers[e.name] = e.value;
	}
	to.pathname = path;
	if (body !== null && (body.file ? body.e.files[0] : body.e.value))
		headers['Content-Type'] = body.file
			? body.e.files[0].type
			: body.types[0] === '*/*'
				? 'application/json'
				: body.types[0];
	const good = Object.entries(o.op.responses).find(([k]) => k[0] === '2');
	const accept = Object.keys(deref(good?.[1])?.content ?? {})[0];
	if (accept !== undefined) headers.Accept = accept;
	return {
		method: o.method,
		url: to.href,
		headers,
		body:
			headers['Content-Type'] === undefined
				? undefined
				: body.file
					? body.e.files[0]
					: body.e.value,
	};
}

/* Returns the request as a curl command, with the token in $TOKEN. */
export function curl(r, signed) {
	const parts = [`curl ${r.method === 'GET' ? '' : `-X ${r.method} `}${quote(r.url)}`];

	if (r.headers.Accept === 'text/event-stream')
		parts[0] = parts[0].replace('curl', 'curl -N');
	if (signed) parts.push('-H "Authorization: Bearer $TOKEN"');
	for (const [k, v] of Object.entries(r.headers))
		if (k !== 'Accept' || v !== 'application/json')
			parts.push(`-H ${quote(`${k}: ${v}`)}`);
	if (r.body instanceof File) parts.push(`--data-binary ${quote(`@${r.body.name}`)}`);
	else if (r.body !== undefined) parts.push(`--data-raw ${quote(r.body)}`);
	return parts.join(' \\\n    ');
}

/*
 * Reads the body of a response. more(text) gets the text so far: streams do not
 * end.
 */
async function read(answer, more) {
	const decoder = new TextDecoder();
	let text = '';

	if (answer.body === null) return '';
	for (const reader = answer.body.getReader(); ; ) {
		const { done, value } = await reader.read();

		if (done) return text;
		text += decoder.decode(value, { stream: true });
		if (text.length > MAX_SHOWN) {
			reader.cancel();
			return `${text.slice(0, MAX_SHOWN)}\n(The rest is not shown.)`;
		}
		more(text);
	}
}

function pretty(text, type) {
	try {
		return /json/.test(type) ? JSON.parse(text) : text;
	} catch {
		return text;
	}
}

/* Sends the request and shows the response in box. */
async function send(r, op, box, stopper) {
	const token = op['x-role'] === 'open' ? null : await bearer();
	const began = performance.now();
	const answer = await fetch(r.url, {
		method: r.method,
		body: r.body,
		headers: {
			...r.headers,
			...(token === null ? {} : { Authorization: `Bearer ${token}` }),
		},
		cache: 'no-store',
		credentials: 'omit',
		redirect: 'manual',
		signal: stopper.signal,
	});
	const took = Math.round(performance.now() - began);
	const type = answer.headers.get('Content-Type') ?? '';
	const said = deref(
		op.responses[answer.status] ?? op.responses[`${Math.floor(answer.status / 100)}XX`],
	);
	const shown = h('div');

	box.replaceChildren(
		h(
			'p',
			{ class: 'status', 'data-status': answer.status },
			h(
				'strong',
				{ class: answer.status < 400 ? 'yes' : 'no' },
				`${answer.status} ${answer.statusText}`,
			),
			` in ${took} ms`,
		),
		said?.description === undefined ? '' : h('p', { class: 'soft' }, said.description),
		h(
			'details',
			{ class: 'more' },
			h('summary', null, 'Headers'),
			code(
				[...answer.headers].map(([k, v]) => `${k}: ${v}`).join('\n'),
				'Headers',
			),
		),
		shown,
	);
	if (type !== '' && !TEXT.test(type)) return;
	const text = await read(answer, (now) => {
		if (type.startsWith('text/event-stream'))
			shown.replaceChildren(code(now, 'Response'));
	});
	if (text !== '') shown.replaceChildren(code(pretty(text, type), 'Response'));
}

function row(label, e, about) {
	return h('label', { class: 'field' }, h('span', null, label), about, e);
}

export function panel(o, onLeave) {
	const inputs = o.parameters.map(input);
	const body = bodyOf(o.op);
	const role = o.op['x-role'];
	const signed = role !== 'open' && (role !== 'maybe' || who() !== null);
	const line = h('pre', {
		class: 'curl',
		tabindex: '0',
		role: 'group',
		'aria-label': 'curl command',
	});
	const copy = h('button', { type: 'button', class: 'copy' }, 'Copy');
	const token = h('button', { type: 'button', class: 'copy btn-link' }, 'Copy token');
	const go = h('button', { type: 'submit', class: 'btn-primary' }, 'Send');
	const stop = h('button', { type: 'button', hidden: true }, 'Stop');
	const box = h('div', { class: 'answer', 'aria-live': 'polite' });
	let stopper = null;

	const write = () => {
		line.textContent = curl(request(o, inputs, body), signed);
	};
	const form = h(
		'form',
		{ class: 'stack try', novalidate: true, 'aria-labelledby': 'try', oninput: write },
		h('h2', { id: 'try' }, 'Try it'),
		o.parameters.map((p, i) =>
			row(
				[
					h('code', null, p.name),
					' ',
					h('small', null, p.in, p.required ? ', required' : ''),
				],
				inputs[i],
				h('small', { class: 'bounds' }, bounds(p.schema ?? {})),
			),
		),
		body && row(['Body ', h('small', null, body.types.join(', '))], body.e),
		may(role)
			? null
			: h(
					'p',
					{ class: 'note' },
					role === 'any'
						? 'This operation requires a signed-in user. '
						: `This operation requires the role ${role.split('|').join(' or ')}. `,
					h('a', { class: 'button', href: '#/sign-in' }, 'Sign in'),
				),
		h('div', { class: 'row' }, go, stop),
		signed && who() !== null
			? h(
					'p',
					{ class: 'soft' },
					`The request is sent to this server as ${who()}.`,
				)
			: null,
	);

	form.addEventListener(
		'submit',
		busy(go, async () => {
			stopper = new AbortController();
			stop.hidden = false;
			box.replaceChildren(
				h('p', { class: 'soft' }, 'Waiting for the response …'),
			);
			try {
				await send(request(o, inputs, body), o.op, box, stopper);
			} catch (e) {
				if (e.name === 'AbortError')
					box.append(h('p', { class: 'soft' }, 'Stopped.'));
				else if (e.name === 'ApiError') throw e;
				else
					box.replaceChildren(
						h(
							'p',
							{ class: 'note' },
							'The server cannot be reached. Check your ' +
								'connection.',
						),
					);
			} finally {
				stop.hidden = true;
			}
		}),
	);
	stop.addEventListener('click', () => stopper.abort());
	onLeave(() => stopper?.abort());
	copy.addEventListener(
		'click',
		busy(copy, async () => {
			/*
			 * Without TLS, browsers have no clipboard API, so the
			 * text is selected.
			 */
			getSelection().selectAllChildren(line);
			await navigator.clipboard?.writeText(line.textContent);
			toast(
				navigator.clipboard
					? 'Copied.'
					: 'The command is selected. Press Ctrl+C to copy it.',
			);
		}),
	);
	token.addEventListener(
		'click',
		busy(token, async () => {
			await navigator.clipboard.writeText(await bearer());
			toast('The access token was copied. Set TOKEN to it in your shell.');
		}),
	);
	write();
	return h(
		'section',
		{ class: 'panel card' },
		form,
		box,
		h(
			'div',
			{ class: 'head' },
			h('h2', null, 'curl'),
			signed && who() !== null && navigator.clipboard ? token : null,
			copy,
		),
		line,
	);
}
