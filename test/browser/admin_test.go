package browser

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

const adminPassword = "let-me-look-please"

// TestAdmin drives the official Admin UI as the program serves it.
//
// checklist: 221, 224, 226
func TestAdmin(t *testing.T) {
	s := &stage{bin: build(t, "RIGHTNOW_BIN", "./cmd/rightnow"), browser: launch(t)}
	t.Run("with a password", func(t *testing.T) { testAdminPassword(t, s) })
	t.Run("without a password", func(t *testing.T) { testAdminOpen(t, s) })
}

// admin is a window with the Admin UI.
type admin struct{ *window }

// look opens the Admin UI for a person.
func look(t *testing.T, person context.Context, server *program) admin {
	t.Helper()
	return admin{open(t, person, server.url("/admin"))}
}

// signIn fills in the dialog: the page has the server's address already.
func (a admin) signIn(server *program, password string) {
	a.t.Helper()
	a.until("the dialog has the address", `[...document.querySelectorAll("form input")].some((field) => field.value === `+quote(server.url(""))+`)`)
	for field, text := range map[string]string{"Username": "admin", "Password": password} {
		a.label(field, "admin-"+field)
		a.fill("#admin-"+field, text)
	}
	a.until("the dialog can be sent", `!document.querySelector('form button[type="submit"]').disabled`)
	eval[any](a.window, `document.querySelector('form button[type="submit"]').click()`) // the dialog still moves
}

// label gives the field of the dialog with a label an id.
func (a admin) label(label, id string) {
	a.t.Helper()
	a.until(label+" is asked for", `(document.getElementById(`+quote(id)+`) ?? [...document.querySelectorAll("form label")]
		.find((l) => l.textContent === `+quote(label)+`)?.parentElement.querySelector("input") ?? {}).id = `+quote(id))
}

// turnTo shows one of the pages of the UI.
func (a admin) turnTo(page string) { eval[any](a.window, `location.hash = `+quote("#/"+page)) }

// shows waits for a text anywhere on the page.
func (a admin) shows(text string) {
	a.t.Helper()
	a.until("the page shows "+text, `document.body.innerText.includes(`+quote(text)+`)`)
}

// unfold shows the arguments of an event that is listed.
func (a admin) unfold(event string) {
	a.t.Helper()
	a.until(event+" is unfolded", `(() => { const row = [...document.querySelectorAll("tbody tr")]
		.find((row) => row.innerText.includes("Event name: `+event+`")); row.querySelector("button").click(); return true })()`)
}

func testAdminPassword(t *testing.T, s *stage) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(adminPassword), 0o600); err != nil {
		t.Fatal(err)
	}
	server := s.serve(t, "--admin-password-file", file)
	ann := s.enter(t, server.url("/r/tea"), "Ann")
	person := newPerson(t, s.browser)
	a := look(t, person, server)
	a.signIn(server, "a wrong guess")
	a.shows("Invalid credentials")
	a.signIn(server, adminPassword)
	a.until("the dialog is closed", `!document.querySelector(".v-dialog--active")`)

	a.until("the icons are there", `document.fonts.check("24px 'Material Design Icons'")`)
	a.turnTo("servers/")
	a.shows("HEALTHY")
	a.until("this server is listed", `document.querySelectorAll("tbody tr").length === 1`)
	a.turnTo("")
	a.until("Ann and the admin are counted", `/Clients[^]*\b2\b/.test(document.body.innerText)`)
	a.turnTo("rooms/")
	a.shows("chat/tea")

	a.turnTo("events/")
	ann.say("hello, admin")
	a.shows("Event name: say")
	a.unfold("say")
	a.shows("hello, admin")
	ben := s.enter(t, server.url("/r/tea"), "Ben")
	a.shows("Event name: enter")
	a.unfold("enter")
	a.until("Ben's secret is hidden", `document.body.innerText.includes("[hidden]")`)

	a.turnTo("sockets/")
	a.until("both are listed", `document.querySelectorAll("tbody tr").length === 2`)
	eval[any](a.window, `document.querySelectorAll("tbody tr")[1].querySelector("button").click()`)
	ben.until("Ben is cut off", find("connection")+`.dataset.state === "closed"`)
	a.shows("DISCONNECTED")
	a.turnTo("sockets/")
	a.until("one is left", `document.querySelectorAll("tbody tr").length === 1`)

	again := look(t, person, server)
	again.until("the session spares the password", `!document.querySelector(".v-dialog--active") && document.body.innerText.includes("/admin")`)
}

// testAdminOpen sees that browsers on this machine need no password, and that whoever comes by a proxy
// gets nothing.
func testAdminOpen(t *testing.T, s *stage) {
	server := s.serve(t)
	a := look(t, newPerson(t, s.browser), server)
	a.until("it connects by itself", `!document.querySelector(".v-dialog--active") && document.body.innerText.includes("Dashboard")`)
	a.turnTo("servers/")
	a.shows("HEALTHY")
}
