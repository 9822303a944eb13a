// The list of jobs, kept up to date as they go on. Without it the page shows how things stood when it was loaded.

const table = document.getElementById("auftraege");
const said = document.getElementById("neues");
let version = Number(table.dataset.version);

function put(row, job) {
  const ended = row.dataset.state !== job.code && !job.is_open;
  row.dataset.state = job.code;
  row.querySelector(".state").textContent = job.state;
  row.querySelector(".progress").textContent = job.progress;
  row.querySelector(".failure").textContent = job.failure;
  row.querySelector(".when").textContent = job.when;
  const bar = row.querySelector("progress");
  bar.hidden = job.code !== "running";
  if (job.percent === null) bar.removeAttribute("value");
  else bar.value = job.percent;
  // What can be done with it has changed; the page knows.
  if (ended) {
    row.querySelector(".steps-row").replaceChildren();
    said.textContent = `${job.kind} ${job.subject}: ${job.state}`;
  }
}

function listen() {
  const source = new EventSource(`${table.dataset.stream}?seit=${version}`);
  source.addEventListener("message", (event) => {
    const [queue, jobs] = JSON.parse(event.data);
    version = queue.version;
    for (const job of jobs) {
      const row = document.getElementById(`auftrag-${job.id}`);
      if (row) put(row, job);
      else said.textContent = table.dataset.new;
    }
  });
  // A stream that ends goes on from where this page is.
  source.addEventListener("error", () => {
    source.close();
    setTimeout(listen, 2000);
  });
}

listen();
