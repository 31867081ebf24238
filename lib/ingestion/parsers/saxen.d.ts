// The package brings no types; these are of what is used here.
declare module "saxen" {
  export class Parser {
    on(event: "openTag", handler: (name: string, attributes: () => Record<string, string>) => void): this;
    on(event: "closeTag", handler: (name: string) => void): this;
    on(event: "text" | "cdata", handler: (text: string) => void): this;
    on(event: "error" | "warn", handler: (error: Error) => void): this;
    write(xml: string): this;
    end(): void;
  }
}
