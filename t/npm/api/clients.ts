/*
 * Uses a client of each generator, so that the compiler checks their types:
 * named request bodies, typed responses, errors as ApiError. Only compiled,
 * never run.
 */
import { addFavoriteListener as hey, type AddFavoriteListenerRequest,
    type ApiError, type Wallet } from './clients/hey/index';
import { addFavoriteListener as orval } from './clients/orval';
import { addFavoriteListener as oazapfts } from './clients/oazapfts';
import { Api } from './clients/swagger/api';
import { Favorite_listenersApi as zod } from './clients/zod/index';

const body: AddFavoriteListenerRequest = { listener_id: 7 };

export async function all(): Promise<(boolean | undefined)[]> {
	const a = await hey({ body });
	const b = await orval(body);
	const c = await oazapfts(body);
	const d = await new Api().api.addFavoriteListener(body);
	const e = await zod.addFavoriteListener(body);

	return [a.data?.is_favorited,
	    b.status === 200 ? b.data.is_favorited : undefined,
	    c.status === 200 ? c.data.is_favorited : undefined,
	    d.data.is_favorited, e.is_favorited];
}

export function texts(e: ApiError, w: Wallet): string {
	const fields: { [name: string]: string } | undefined = e.fields;

	return `${e.error} ${e.message} ${Object.keys(fields ?? {})} ${w.balance}`;
}

/* Errors that the compiler must find in each client. */
export async function errors(): Promise<void> {
	// @ts-expect-error: a required member is missing
	await hey({ body: {} });
	// @ts-expect-error: a required member is missing
	await orval({});
	// @ts-expect-error: a required member is missing
	await oazapfts({});
	// @ts-expect-error: a required member is missing
	await new Api().api.addFavoriteListener({});
	// @ts-expect-error: a required member is missing
	await zod.addFavoriteListener({});
}
