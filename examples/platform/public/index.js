// The list of appointments: booking one, joining it as either of the two, seeing what was recorded.

const list = document.querySelector('#appointments');
const trouble = document.querySelector('#trouble');
const template = document.querySelector('#appointment');

document.querySelector('#book').addEventListener('click', () => change('/appointments'));
// Somebody comes back from a visit in another window, and wants to see what has become of it.
addEventListener('focus', () => void show());
void show();

async function change(path) {
  const response = await fetch(path, { method: 'POST' });
  trouble.textContent = response.ok ? '' : (await response.json()).error;
  await show();
}

async function show() {
  const response = await fetch('/appointments');
  if (response.ok) {
    const { appointments } = await response.json();
    list.replaceChildren(...appointments.map(item));
  }
}

function item({ number, status, at, minutes }) {
  const one = template.content.cloneNode(true);
  const isOver = ['Completed', 'Cancelled', 'Declined'].includes(status);
  one.querySelector('h2').textContent = `Visit ${number}, ${new Date(at).toLocaleTimeString([], { timeStyle: 'short' })}`;
  one.querySelector('.status').textContent = status === 'Completed' ? `Completed, ${minutes} minutes to be billed` : status;
  one.querySelector('.links').hidden = isOver;
  for (const role of ['client', 'psychologist']) {
    one.querySelector(`.${role}`).href = `/visit#${number}/${role}`;
  }
  one.querySelector('button').addEventListener('click', () => change(`/appointments/${number}/cancel`));
  return one;
}
