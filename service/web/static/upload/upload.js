// Sends pictures one by one with their progress, and shows how far they are. Without it the form works all the same.

const form = document.getElementById("upload");
const input = document.getElementById("pictures");
const drop = document.getElementById("drop");
const table = document.getElementById("jobs");
const body = table.tBodies[0];
const said = form.dataset;
let looking = null;

input.required = false;
for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", over);
  });
}
drop.addEventListener("drop", (event) => send([...event.dataTransfer.files]));
input.addEventListener("change", () => send([...input.files]));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.files.length) send([...input.files]);
  else input.click();
});
document.getElementById("refresh").hidden = true;

async function send(files) {
  input.value = "";
  const fields = new FormData(form);
  fields.delete("pictures");
  const rows = files.map((file) => [file, newRow(file.name)]);
  for (const [file, row] of rows) {
    if (file.size > Number(said.most) * 1e6) fill(row, { state: "failed", said: said.large, arrivals: [] });
    else await sendOne(file, row, fields);
  }
  look();
}

function sendOne(file, row, fields) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  data.append("pictures", file, file.name);
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", file.name);
  row.cells[2].replaceChildren(bar);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      const job = request.response?.jobs?.[0];
      if (job?.id) row.dataset.job = job.id;
      fill(row, job ?? { state: "failed", said: String(request.status || ""), arrivals: [] });
      done();
    });
    request.send(data);
  });
}

function newRow(name) {
  const row = body.insertRow(0);
  row.insertCell().textContent = name;
  row.insertCell().textContent = said.sending;
  row.insertCell();
  table.hidden = false;
  document.getElementById("none").hidden = true;
  return row;
}

function fill(row, job) {
  row.cells[1].textContent = said[job.state];
  row.cells[1].className = `state is-${job.state}`;
  const links = job.arrivals.flatMap((one) => {
    const link = document.createElement("a");
    link.href = one.href;
    link.className = `tag is-${one.outcome}`;
    link.textContent = said[`outcome${one.outcome[0].toUpperCase()}${one.outcome.slice(1)}`] ?? one.outcome;
    return [link, " "];
  });
  row.cells[2].replaceChildren(...links, job.said);
}

// Asks again as long as anything is on its way.
async function look() {
  clearTimeout(looking);
  const answer = await fetch(said.jobs, { headers: { Accept: "application/json" } }).catch(() => null);
  const jobs = answer?.ok ? (await answer.json()).jobs : [];
  for (const job of jobs) {
    const row = body.querySelector(`tr[data-job="${CSS.escape(job.id)}"]`);
    if (row) fill(row, job);
  }
  const moving = jobs.some((job) => job.state === "waiting" || job.state === "checking");
  if (moving || !answer?.ok) looking = setTimeout(look, answer?.ok ? 1000 : 5000);
}

look();
