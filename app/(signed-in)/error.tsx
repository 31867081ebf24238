"use client";

// Here as well, so that a screen that breaks does not take the header and the uploads with it.
export { default } from "#app/error.tsx";
