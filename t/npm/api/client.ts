/*
 * A TypeScript client with types generated from /openapi.json by
 * openapi-typescript, and requests by openapi-fetch.
 *
 *	node client.js URL USERNAME PASSWORD LISTENER
 *
 * Signs in, saves the listener, reads it, and prints the results as JSON. Each
 * expected type error must occur.
 */
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema.js';

type Favorite = components['schemas']['FavoriteListener'];

declare const process: { argv: string[]; exitCode: number };
const [, , baseUrl = '', identifier = '', password = '', listener = ''] =
	process.argv;
/* Clients that ask for it get errors in the format of RFC 9457. */
const client = createClient<paths, 'application/json'>({ baseUrl });

async function signIn(): Promise<Middleware> {
	const { data, error } = await client.POST('/api/v1/auth/login',
		{ body: { identifier, password } });

	if (data === undefined)
		throw new Error(error.message);
	if (!('access_token' in data))
		throw new Error('a code was sent');
	const bearer: string = data.access_token;
	return { onRequest({ request }) {
		request.headers.set('Authorization', `Bearer ${bearer}`);
		return request;
	} };
}

async function favorites(): Promise<Favorite[]> {
	const all: Favorite[] = [];

	for (let cursor: string | undefined; ;) {
		const { data } = await client.GET('/api/v1/customer/favorites', {
			params: { query: { per_page: 1,
			    ...cursor === undefined ? {} : { cursor } } } });
		if (data === undefined)
			throw new Error('no list');
		all.push(...data.favorites);
		if (data.next_cursor === null)
			return all;
		cursor = data.next_cursor;
	}
}

async function main(): Promise<void> {
	client.use(await signIn());

	const listener_id = Number(listener);
	const { data: saved, response } = await client.POST(
		'/api/v1/customer/favorites', { body: { listener_id } });
	const { data: profile } = await client.GET('/api/v1/user/profile');
	const { error: wrong } = await client.POST('/api/v1/customer/favorites',
		{ body: { listener_id: profile?.user_id ?? 0 } });
	const { error: absent } = await client.GET(
		'/api/v1/customer/favorites/{listener_id}', { params: { path:
		{ listener_id: 999999 } } });

	console.log(JSON.stringify({
		saved, status: response.status, me: profile?.username,
		wrong: wrong?.error, absent: absent?.error,
		favorites: (await favorites()).map((f) => ({ id: f.user_id,
		    name: f.username, online: f.is_online })),
	}));
}

/* Never called. These lines must not compile. */
export async function mistakes(): Promise<void> {
	// @ts-expect-error: there is no such path
	await client.GET('/api/v1/customer/favourites');
	// @ts-expect-error: there is no such method
	await client.PATCH('/api/v1/customer/favorites', { body: {} });
	// @ts-expect-error: a member is missing
	await client.POST('/api/v1/customer/favorites', { body: {} });
	await client.POST('/api/v1/customer/favorites', {
		// @ts-expect-error: an id is a number
		body: { listener_id: '7' } });
	const { data } = await client.GET('/api/v1/user/profile');
	// @ts-expect-error: there is no such member
	console.log(data?.nickname);
}

main().catch((e) => {
	console.error(e);
	process.exitCode = 1;
});
