/*
 * api_message: returns the message of an error of the API for a person. Members
 * of requests are named as the form on the page names them.
 */
const labels = {
	email: 'E-mail',
	identifier: 'Username, e-mail or phone number',
	phone: 'Phone number',
	preferred_language: 'Language',
	q: 'Search',
	radius_km: 'Distance',
	user_id: 'User',
};

/* Returns the label of the input of a member, or null without such an input. */
function inputLabel(name) {
	const at = document.querySelector('dialog[open]') ?? document;
	const label = at.querySelector(`[name="${CSS.escape(name)}"]`)?.labels?.[0];

	if (!label) return null;
	return (label.firstChild.textContent || label.textContent).trim() || null;
}

/* Returns "New password" for new_password. */
function words(name) {
	const text = name.replace(/[_.]+/g, ' ').trim();

	return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function fieldMessage([name, why]) {
	const label = inputLabel(name) ?? labels[name] ?? words(name);

	return /^(is|must|has|contains|cannot|requires|applies)\b/.test(why)
		? `${label} ${why}`
		: `${label}: ${why}`;
}

function banMessage({ ban_reason: reason, banned_until: until }) {
	const end = until === null ? '' : ` until ${new Date(until).toLocaleString()}`;

	return `This account is banned${end}.${reason === null ? '' : ` Reason: ${reason}`}`;
}

/* body: the JSON of the response. */
export function apiMessage(body) {
	const fields = Object.entries(body.fields ?? {});

	if (fields.length > 0) return fields.map(fieldMessage).join('; ');
	return body.banned_until !== undefined ? banMessage(body) : body.message;
}
