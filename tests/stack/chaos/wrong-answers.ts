const apiError = { message: "Something is wrong.", type: "server_error", param: null, code: null };

/** Answers of a provider that cannot be right, as faults of the stand-in, and the code that the document then shows. */
export const wrongAnswers: { name: string; fault: object; code: string }[] = [
  { name: "a vector too few", fault: { spoil: "drop-one" }, code: "embedding_response_invalid" },
  { name: "not a number", fault: { spoil: "not-finite" }, code: "embedding_response_invalid" },
  { name: "no direction", fault: { spoil: "zero" }, code: "embedding_response_invalid" },
  { name: "another length", fault: { spoil: "wrong-dimension" }, code: "embedding_dimension_mismatch" },
  { name: "a 200 with an error", fault: { status: 200, body: { error: apiError } }, code: "embedding_unavailable" },
  { name: "a 200 with a page", fault: { status: 200, body: "<html>Hello</html>" }, code: "embedding_response_invalid" },
];
