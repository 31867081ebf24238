import { afterAll, beforeAll, describe } from "vitest";
import { type Functions, startTestApp, type TestApp } from "./inngest-app.ts";
import { type Subject, startSubject, subjectKinds } from "./inngest-subject.ts";

interface Suite {
  /** The app's id and the group's name. */
  id: string;
  functions: (client: TestApp["client"]) => Functions;
  /** Flags of the embedded engine alone. */
  args?: string[];
  /** The tests; `app` and `subject` may be called once they run. */
  tests: (app: () => TestApp, subject: () => Subject) => void;
}

/** Runs scenarios on every subject, each with an app of its own. */
export function describeOnSubjects({ id, functions, args = [], tests }: Suite): void {
  describe.each(subjectKinds)(`${id} on the %s`, (kind) => {
    let subject: Subject | undefined;
    let app: TestApp | undefined;
    beforeAll(async () => {
      subject = await startSubject(kind, { args });
      app = await startTestApp({ id, subject, functions });
    });
    afterAll(async () => {
      await app?.stop();
      await subject?.stop();
    });
    const present = <T>(value: T | undefined): T => {
      if (value === undefined) throw new Error("the subject did not start");
      return value;
    };
    tests(
      () => present(app),
      () => present(subject),
    );
  });
}
