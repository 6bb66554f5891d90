/*
 * templates: the texts of messages with example values, and test messages to
 * the administrator. The choice is in the URL.
 */
import { get, post } from '/lib/api.js';
import { busy, h, loadInto, toast } from '/lib/dom.js';
import { badge, facts, panel } from './format.js';

const channels = { sms: 'SMS', email: 'E\u2011mail', push: 'Push, app' };
const names = new Intl.DisplayNames(undefined, { type: 'language' });

function select(name, text, options, value, change) {
	return h(
		'select',
		{ name, 'aria-label': text, onchange: change },
		Object.entries(options).map(([k, v]) =>
			h('option', { value: k, selected: k === value }, v),
		),
	);
}

/* Returns the panel of a preview. */
function preview(p) {
	const test = h('button', { type: 'button', class: 'small' }, 'Send it to me');

	test.addEventListener(
		'click',
		busy(test, async () => {
			const sent = await post(`/admin/templates/${p.name}/test`, {
				channel: p.channel,
				language: p.language,
			});
			toast(`The message is sent to ${sent.sent_to ?? 'your devices'}.`);
		}),
	);
	return panel(
		p.title ?? channels[p.channel],
		test,
		p.error &&
			h(
				'p',
				{ class: 'note wrong', role: 'alert' },
				`Your file is not used: ${p.error}`,
			),
		h('p', { class: 'said', lang: p.language }, p.body),
		facts([
			[
				'Source',
				badge('none', p.source === 'operator' ? 'your file' : 'built in'),
			],
			['Language', names.of(p.language)],
			p.segments === null
				? null
				: [
						'Length',
						`${p.segments} SMS${p.unicode ? ', with characters of UCS-2' : ''}`,
					],
		]),
	);
}

export default function page(at) {
	const form = h('form', { class: 'filters', role: 'search' });
	const body = h('div', { class: 'panels' });
	const choice = {
		name: at.params.get('name'),
		channel: at.params.get('channel'),
		language: at.params.get('language') ?? 'en',
	};
	let list = null;

	async function show() {
		const q = new URLSearchParams({
			channel: choice.channel,
			language: choice.language,
		});
		body.replaceChildren(preview(await get(`/admin/templates/${choice.name}?${q}`)));
	}
	function change(name) {
		return (event) => {
			choice[name] = event.target.value;
			build();
			history.replaceState(
				null,
				'',
				`#/templates?${new URLSearchParams(choice)}`,
			);
			form.querySelector(`[name=${name}]`).focus();
			loadInto(body, show);
		};
	}
	function build() {
		const one = list.templates.find((t) => t.name === choice.name) ?? list.templates[0];

		choice.name = one.name;
		if (!one.channels.includes(choice.channel)) choice.channel = one.channels[0];
		form.replaceChildren(
			select(
				'name',
				'Message',
				Object.fromEntries(
					list.templates.map((t) => [
						t.name,
						t.name.replaceAll('_', ' '),
					]),
				),
				choice.name,
				change('name'),
			),
			select(
				'channel',
				'Channel',
				Object.fromEntries(one.channels.map((c) => [c, channels[c]])),
				choice.channel,
				change('channel'),
			),
			select(
				'language',
				'Language',
				Object.fromEntries(list.languages.map((l) => [l, names.of(l)])),
				choice.language,
				change('language'),
			),
		);
	}
	loadInto(body, async () => {
		list = await get('/admin/templates');
		build();
		await show();
	});
	return h(
		'section',
		null,
		h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Texts')),
		h(
			'p',
			{ class: 'lead' },
			'Messages with example values. To change a text, put a file into the ' +
				'folder paths.template_dir of the server.',
		),
		form,
		body,
	);
}
