// An address /kiosk/open#TOKEN hands the token in by itself. What stands after # never reaches a log, and it is taken
// out of the address bar and the history before anything is sent.
const token = decodeURIComponent(location.hash.slice(1));
if (token) {
  history.replaceState(null, "", location.pathname);
  const field = document.getElementById("token");
  field.value = token;
  const answer = await fetch(field.form.action, { method: "POST", body: new FormData(field.form), redirect: "follow" });
  field.value = "";
  location.replace(answer.url);
}
