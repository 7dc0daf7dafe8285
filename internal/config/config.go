// Package config declares every setting of the server once, and finds its value: a flag, a MANTLE_… environment
// variable, the name that Octopus's container uses, a line of a configuration file, or a default, in this order.
//
// What can be changed while the server runs is not here: it lives in the database. Only cmd/ and internal/server
// load a configuration; other packages are given the values that they need.
package config

import (
	"github.com/mantledeploy/mantle/internal/secret"
)

// Config holds the settings of one server. Its fields are the declaration: the tags give a setting's name (its flag
// and its key in the file; MANTLE_ and the name in capitals is its variable), its default, its variable in Octopus's
// container, and its help. A field's type reads and checks the value.
type Config struct {
	DataDir       Dir      `name:"data-dir" default:"./data" help:"Directory of everything that this server keeps."`
	Listen        Address  `name:"listen" default:"127.0.0.1:8080" help:"Address of the API and the portal."`
	CommsListen   Address  `name:"comms-listen" default:":10943" help:"Address to which polling agents connect."`
	Database      Database `name:"database" octopus:"DB_CONNECTION_STRING" help:"sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE. Default: SQLite in the data directory."`
	NodeName      string   `name:"node-name" octopus:"OCTOPUS_SERVER_NODE_NAME" help:"Name of this node. Default: the host's name."`
	TaskCap       TaskCap  `name:"task-cap" default:"5" octopus:"TASK_CAP" help:"Tasks that run here at once; 0 serves requests alone."`
	MasterKey     Key      `name:"master-key" octopus:"MASTER_KEY" help:"Master key in base64: 32 bytes, or the 16 of an Octopus installation. Default: the file master.key in the data directory, made at the first start."`
	AdminUsername string   `name:"admin-username" default:"admin" octopus:"ADMIN_USERNAME" help:"Administrator to make at the first start."`
	AdminPassword Password `name:"admin-password" octopus:"ADMIN_PASSWORD" help:"The administrator's password. Default: a random one, shown once."`
	AdminEmail    Email    `name:"admin-email" octopus:"ADMIN_EMAIL" help:"The administrator's e-mail address."`
	AdminAPIKey   APIKey   `name:"admin-api-key" octopus:"ADMIN_API_KEY" help:"An API key of the administrator. Default: a random one, shown once."`

	origins map[string]string // by name
}

// Key is the setting of a master key. It does not print.
type Key struct{ secret.MasterKey }

// Password is the setting of a password. It does not print.
type Password struct{ secret.Text }

// APIKey is the setting of an API key. It does not print.
type APIKey struct{ secret.Text }
