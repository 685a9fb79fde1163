const socket = io();

// What comes on a channel is appended to a list of the page, as text, never as markup.
function append(list, { user, text }) {
  $("<li>").append($("<b>").text(user), " ", document.createTextNode(text)).appendTo(list);
  $(list).children().slice(0, -20).remove();
}

function updateStatus(text) {
  $("#status").text(text);
}

socket.on("message", (message) => append("#messages", message));
socket.on("new message", (message) => append("#chat", message));

socket.on("new connection", () => updateStatus("A new user has connected."));
socket.on("lost connection", () => updateStatus("Someone has disconnected."));
socket.on("counts", ({ clients, sockets, connected }) => {
  $("#counts").text(`${clients} clients, ${sockets} sockets, ${connected} connected`);
});

socket.on("connect", () => {
  console.log("You have connected!");
  updateStatus("You have connected!");
  socket.send("message", { user: $("#user").val(), text: "I did the thing." });
});
socket.on("disconnect", () => updateStatus("The connection is lost."));

// What the form says, taken out of it.
function typed() {
  const message = { user: $("#user").val(), text: $("#text").val() };
  $("#text").val("").trigger("focus");
  return message;
}

$("#say").on("submit", (event) => {
  event.preventDefault();
  socket.send("message", typed());
});

$("#post").on("click", () => $.post("/messages", typed()));

$("#mission").on("click", () => socket.emit("mission", typed()));
