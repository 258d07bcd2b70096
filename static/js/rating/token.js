// The token that shows the server that a request comes from one of its own pages.

const place = document.querySelector('meta[name="csrf-token"]');

export const tokenOfPage = () => place?.content || "";

/** The forms of this page were printed with an old one. */
export function putToken(token) {
  if (place) place.content = token;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
}
