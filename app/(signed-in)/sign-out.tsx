"use client";

import { type FormEvent, useRef } from "react";
import { ConfirmDialog } from "#app/(signed-in)/confirm-dialog.tsx";
import { isUnfinished } from "#app/(signed-in)/documents/create-upload-queue.ts";
import { formatCount } from "#app/(signed-in)/documents/format.ts";
import { useUploads } from "#app/(signed-in)/documents/use-uploads.ts";
import { signOut } from "#app/sign-in/actions.ts";

/** Signs out; asks before that where files would be lost by it. */
export function SignOut() {
  const form = useRef<HTMLFormElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const { queue, uploads } = useUploads();

  const onSubmit = (event: FormEvent) => {
    if (!queue.view().uploads.some(isUnfinished)) return;
    event.preventDefault();
    dialog.current?.showModal();
  };
  const confirm = () => {
    queue.drop(queue.view().uploads);
    form.current?.requestSubmit();
  };
  return (
    <>
      <form ref={form} action={signOut} onSubmit={onSubmit}>
        <button type="submit" className="quiet">
          Sign out
        </button>
      </form>
      <ConfirmDialog
        ref={dialog}
        title="Sign out now?"
        confirm="Leave them out and sign out"
        cancel="Stay"
        onConfirm={confirm}
      >
        {formatCount(uploads.filter(isUnfinished).length, "file")} on the way would be left out.
      </ConfirmDialog>
    </>
  );
}
