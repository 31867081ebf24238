import { readArtifact, writeArtifact } from "#lib/ingestion/artifacts.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";

/** Where a job leaves what it goes on from, by name: what is there need not be made again. */
export interface WorkStore {
  list(): Promise<Set<string>>;
  read<T>(name: string): Promise<T>;
  /** Writing a name again replaces it. */
  write(name: string, value: unknown): Promise<void>;
  /** Whether nothing is known to be there: nothing was written, nor listed. */
  isEmpty(): boolean;
}

const ending = ".json.gz";
const namesPerCall = 1000;

/** The folder of a job in Storage. */
export function createWorkStore(supabase: Supabase, folder: string): WorkStore {
  const keyOf = (name: string) => `${folder}/${name}${ending}`;
  let isEmpty = true;
  return {
    async list() {
      const names = new Set<string>();
      for (let offset = 0; ; offset += namesPerCall) {
        const { data, error } = await supabase.storage
          .from("ingestion")
          .list(folder, { limit: namesPerCall, offset, sortBy: { column: "name", order: "asc" } });
        if (error) throw storageFailure(error);
        for (const { name } of data) names.add(name.slice(0, -ending.length));
        isEmpty &&= data.length === 0;
        if (data.length < namesPerCall) return names;
      }
    },
    read: (name) => readArtifact(supabase, keyOf(name)),
    async write(name, value) {
      isEmpty = false;
      await writeArtifact(supabase, keyOf(name), value);
    },
    isEmpty: () => isEmpty,
  };
}

/** The same in memory, for who needs the document once and at once. */
export function createMemoryStore(): WorkStore {
  const values = new Map<string, unknown>();
  return {
    list: async () => new Set(values.keys()),
    read: async <T>(name: string) => values.get(name) as T,
    async write(name, value) {
      values.set(name, value);
    },
    isEmpty: () => values.size === 0,
  };
}
