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
	DataDir             Dir      `name:"data-dir" default:"./data" help:"Directory of everything that this server keeps."`
	Listen              Address  `name:"listen" default:"127.0.0.1:8080" help:"Address of the API and the portal."`
	CommsListen         Address  `name:"comms-listen" default:":10943" help:"Address to which polling agents connect."`
	InternalListen      Address  `name:"internal-listen" default:":10950" help:"Address to which the other nodes of a cluster connect."`
	InternalAddress     Address  `name:"internal-address" help:"HOST:PORT at which the other nodes reach this one. Default: the address of this machine towards the database, and the port of --internal-listen."`
	TLSCertificate      Path     `name:"tls-certificate" help:"PEM file with the certificate for HTTPS, and those between it and its root. Default: HTTP."`
	TLSKey              Path     `name:"tls-key" help:"PEM file with the certificate's key."`
	TrustedProxies      Prefixes `name:"trusted-proxies" help:"Addresses (10.0.0.0/8,192.0.2.7) of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Default: none."`
	MetricsListen       Address  `name:"metrics-listen" help:"Address of /metrics alone. Default: it is served with the API."`
	ShutdownGrace       Duration `name:"shutdown-grace" default:"10s" help:"After SIGTERM: how long a node of several serves on, so that load balancers see that it goes."`
	Database            Database `name:"database" octopus:"DB_CONNECTION_STRING" help:"sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE. Default: SQLite in the data directory."`
	WorkerPatience      Duration `name:"worker-patience" default:"10m" help:"How long a node is waited for whose built-in worker runs a script of a task that another node has taken up."`
	DatabaseConnections Count    `name:"database-connections" default:"20" help:"PostgreSQL connections that this node holds at most."`
	MigrationDatabase   Database `name:"migration-database" help:"The PostgreSQL database again, as a role that may change the schema. Default: the role of --database does."`
	ClusterShared       Location `name:"cluster-shared" help:"Where all nodes keep files, at the cluster's first start: a directory that they share, or s3://, azblob:// or gs://. Afterwards mantle path moves it. Default: the directory files in the data directory."`
	NodeName            string   `name:"node-name" octopus:"OCTOPUS_SERVER_NODE_NAME" help:"Name of this node. Default: the host's name."`
	TaskCap             TaskCap  `name:"task-cap" default:"5" octopus:"TASK_CAP" help:"Tasks that run here at once; 0 serves requests alone."`
	MasterKey           Key      `name:"master-key" octopus:"MASTER_KEY" help:"Master key in base64: 32 bytes, or the 16 of an Octopus installation. Default: the file master.key in the data directory, made at the first start."`
	AdminUsername       string   `name:"admin-username" default:"admin" octopus:"ADMIN_USERNAME" help:"Administrator to make at the first start."`
	AdminPassword       Password `name:"admin-password" octopus:"ADMIN_PASSWORD" help:"The administrator's password. Default: a random one, shown once."`
	AdminEmail          Email    `name:"admin-email" octopus:"ADMIN_EMAIL" help:"The administrator's e-mail address."`
	AdminAPIKey         APIKey   `name:"admin-api-key" octopus:"ADMIN_API_KEY" help:"An API key of the administrator. Default: a random one, shown once."`

	origins map[string]string // by name
}

// Key is the setting of a master key. It does not print.
type Key struct{ secret.MasterKey }

// Password is the setting of a password. It does not print.
type Password struct{ secret.Text }

// APIKey is the setting of an API key. It does not print.
type APIKey struct{ secret.Text }
