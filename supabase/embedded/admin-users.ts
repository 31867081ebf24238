import type { IncomingMessage, ServerResponse } from "node:http";
import type { PGlite, Transaction } from "@electric-sql/pglite";
import { authError, isAuthError } from "./auth-error.ts";
import { readCallerOrNobody } from "./caller.ts";
import type { Keys } from "./load-keys.ts";
import { logError } from "./log.ts";
import { readJson } from "./read-json.ts";
import type { Exclusive } from "./run-exclusive.ts";
import { sendJson } from "./serve.ts";
import { isStorageError } from "./storage-error.ts";

interface Attributes {
  id: string;
  email: string;
  password: string;
  email_confirm: boolean;
  user_metadata: Record<string, unknown>;
  app_metadata: Record<string, unknown>;
  role: string;
  should_soft_delete: boolean;
}

export interface AdminContext {
  database: PGlite;
  exclusive: Exclusive;
  keys: Keys;
}

/** What the library has not: /auth/v1/admin/users, for whoever bears the secret key. */
export async function answerAdminUsers(
  context: AdminContext,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  try {
    const caller = readCallerOrNobody(context.keys, request.headers);
    if (!caller) throw authError("no_authorization");
    if (caller.role !== "service_role") throw authError("not_admin");
    const id = /^\/auth\/v1\/admin\/users\/([0-9a-f-]{36})$/i.exec(url.pathname)?.[1];
    if (!id && url.pathname !== "/auth/v1/admin/users") throw authError("not_found");
    const body = await readJson<Attributes>(request);
    const call = `${request.method} ${id ? "one" : "all"}`;
    const inTransaction = <T>(run: (transaction: Transaction) => Promise<T>) =>
      context.exclusive(() => context.database.transaction(run));
    if (call === "POST all") {
      sendJson(response, 200, await inTransaction((transaction) => createUser(transaction, body)));
    } else if (call === "GET all") {
      await listUsers(context, response, url);
    } else if (call === "GET one") {
      sendJson(response, 200, await inTransaction((transaction) => readUser(transaction, id ?? "")));
    } else if (call === "PUT one") {
      sendJson(response, 200, await inTransaction((transaction) => updateUser(transaction, id ?? "", body)));
    } else if (call === "DELETE one") {
      await inTransaction((transaction) => deleteUser(transaction, id ?? "", body));
      sendJson(response, 200, {});
    } else throw authError("not_found");
  } catch (error) {
    const known = isAuthError(error)
      ? error
      : isStorageError(error)
        ? authError("validation_failed", error.message)
        : undefined;
    if (!known) logError("admin users", error);
    const { status, body } = known ?? authError("unexpected_failure");
    request.resume();
    sendJson(response, status, body);
  }
}

async function createUser(transaction: Transaction, given: Partial<Attributes>): Promise<unknown> {
  const email = given.email?.trim().toLowerCase();
  if (!email) throw authError("validation_failed", "Cannot create a user without either an email or phone");
  await checkEmail(transaction, email, undefined);
  checkPassword(given.password);
  const { rows } = await transaction.query<{ id: string }>(
    `insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
     values (coalesce($1::uuid, gen_random_uuid()), 'authenticated', $2, $3, extensions.crypt($4, extensions.gen_salt('bf', 10)),
             case when $5 then now() end, $6, $7)
     returning id`,
    [
      ...[given.id ?? null, given.role ?? "authenticated", email, given.password ?? null, given.email_confirm === true],
      ...[{ provider: "email", providers: ["email"], ...given.app_metadata }, given.user_metadata ?? {}],
    ],
  );
  const id = rows[0]?.id ?? "";
  await transaction.query(
    `insert into auth.identities (id, provider, provider_id, user_id, identity_data)
     values (gen_random_uuid(), 'email', $1::text, $1::uuid, $2)`,
    [id, { sub: id, email, email_verified: false, phone_verified: false }],
  );
  return readUser(transaction, id);
}

async function updateUser(transaction: Transaction, id: string, given: Partial<Attributes>): Promise<unknown> {
  await readUser(transaction, id);
  const email = given.email?.trim().toLowerCase();
  if (email) await checkEmail(transaction, email, id);
  checkPassword(given.password);
  await transaction.query(
    `update auth.users set
       email = coalesce($2, email),
       encrypted_password = case when $3::text is null then encrypted_password
                                 else extensions.crypt($3, extensions.gen_salt('bf', 10)) end,
       email_confirmed_at = case when $4 then coalesce(email_confirmed_at, now()) else email_confirmed_at end,
       raw_app_meta_data = raw_app_meta_data || $5, raw_user_meta_data = raw_user_meta_data || $6,
       role = coalesce($7, role), updated_at = now()
     where id = $1`,
    [
      ...[id, email ?? null, given.password ?? null, given.email_confirm === true],
      ...[given.app_metadata ?? {}, given.user_metadata ?? {}, given.role ?? null],
    ],
  );
  return readUser(transaction, id);
}

async function deleteUser(transaction: Transaction, id: string, given: Partial<Attributes>): Promise<void> {
  if (given.should_soft_delete) throw authError("validation_failed", "Soft deletion is not supported here");
  await readUser(transaction, id);
  await transaction.query("delete from auth.users where id = $1", [id]);
}

const userSql = `
  select u.id, u.aud, u.role, coalesce(u.email, '') as email, coalesce(u.phone, '') as phone, u.email_confirmed_at,
         u.confirmed_at, u.last_sign_in_at, u.raw_app_meta_data as app_metadata, u.raw_user_meta_data as user_metadata,
         u.created_at, u.updated_at, u.is_anonymous,
         coalesce((select json_agg(json_build_object(
           'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
           'provider', i.provider, 'email', i.email, 'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at,
           'updated_at', i.updated_at)) from auth.identities i where i.user_id = u.id), '[]') as identities
  from auth.users u`;

async function readUser(transaction: Transaction, id: string): Promise<unknown> {
  const { rows } = await transaction.query(`${userSql} where u.id = $1`, [id]);
  if (!rows[0]) throw authError("user_not_found");
  return rows[0];
}

async function listUsers(context: AdminContext, response: ServerResponse, url: URL): Promise<void> {
  const page = Math.max(1, Number(url.searchParams.get("page")) || 1);
  const perPage = Math.min(1000, Math.max(1, Number(url.searchParams.get("per_page")) || 50));
  const { users, total } = await context.exclusive(async () => {
    const counted = await context.database.query<{ total: number }>("select count(*)::int4 as total from auth.users");
    const found = await context.database.query(`${userSql} order by u.created_at desc, u.id limit $1 offset $2`, [
      perPage,
      (page - 1) * perPage,
    ]);
    return { users: found.rows, total: counted.rows[0]?.total ?? 0 };
  });
  const last = Math.max(1, Math.ceil(total / perPage));
  const link = (to: number, rel: string) => `</admin/users?page=${to}&per_page=${perPage}>; rel="${rel}"`;
  response.setHeader("x-total-count", String(total));
  response.setHeader("link", [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")].join(", "));
  sendJson(response, 200, { users, aud: "authenticated" });
}

async function checkEmail(transaction: Transaction, email: string, owner: string | undefined): Promise<void> {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) {
    throw authError("validation_failed", "Unable to validate email address: invalid format");
  }
  const { rows } = await transaction.query("select 1 from auth.users where email = $1 and id is distinct from $2", [
    email,
    owner ?? null,
  ]);
  if (rows.length > 0) throw authError("email_exists");
}

function checkPassword(password: string | undefined): void {
  if (password === undefined) return;
  if (password.length < 6) throw authError("weak_password");
  if (Buffer.byteLength(password) > 72) {
    throw authError("validation_failed", "Password cannot be longer than 72 characters");
  }
}
