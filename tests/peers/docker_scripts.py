"""What is typed into a real docker and into the simulated one, by what it shows; a context for builds."""

from __future__ import annotations

SCRIPTS = {
    "load and look (1, 8, 12, 24)": """
        docker load -i bb.tar
        docker images
        docker images -q
        docker images --digests --no-trunc
        docker history bb-union:1.0
        docker history --no-trunc --format {{.CreatedBy}} bb-union:1.0
        docker inspect -f {{.Id}}{{.Size}}{{.RootFS.Layers}} bb-union:1.0
        docker images nosuch
        docker images --format {{.Repository}}:{{.Tag}}:{{.Size}}
    """,
    "run, exec, diff, stop, start, rm (15, 26, 27)": """
        docker load -i bb.tar
        docker run --network none --rm bb-union:1.0 echo hello
        docker run -d --network none --name web bb-union:1.0 sleep 1000
        docker exec web sh -c 'echo hi > /root/x && mkdir /newdir && rm /data/a'
        docker exec web cat /root/x
        docker exec web cat /nosuch
        docker exec web nosuch
        docker diff web
        docker stop -t 1 web
        docker ps -a
        docker exec web ls
        docker start web
        docker exec web cat /root/x
        docker rm web
        docker rm -f web
        docker rm web
        docker run --network none --name bad bb-union:1.0 nosuch
        docker run --network none --name code bb-union:1.0 sh -c 'exit 3'
        docker ps -a
        docker start nosuch
        docker stop nosuch
        docker logs nosuch
        docker rm bad code
    """,
    "commit (2, 4, 18, 24)": """
        docker load -i bb.tar
        docker run --network none --name same bb-union:1.0 true
        docker commit same empty:1
        docker history empty:1
        docker run --network none --name wrote bb-union:1.0 sh -c 'echo 12345 > /file'
        docker commit -m msg -a=me wrote new:1
        docker history new:1
        docker inspect -f {{.Author}}{{.Comment}}{{.Config.Cmd}} new:1
        docker run --network none --rm new:1 cat /file
        docker commit -c 'CMD ["/bin/sh","-c","echo changed"]' -c 'ENV A=1' -p=false wrote new:2
        docker inspect -f {{.Config.Cmd}}{{.Config.Env}} new:2
        docker run --network none --rm new:2
        docker commit -c 'RUN x' wrote new:3
        docker commit wrote BAD
        docker commit nosuch x
        docker commit wrote
        docker images --format {{.Repository}}:{{.Tag}}
    """,
    "tags and rmi (9, 10, 11, 29)": """
        docker load -i bb.tar
        docker tag bb-union:1.0 bb-alias:1
        docker images --format {{.ID}}
        docker rmi bb-alias:1
        docker tag nosuch x
        docker tag bb-union:1.0 UPPER
        docker run --network none --name user bb-union:1.0 true
        docker rmi bb-union:1.0
        docker commit user child:1
        docker rmi -f bb-union:1.0
        docker images -a --format {{.Repository}}
        docker rm user
        docker rmi child:1
        docker images -a
        docker load -i bb.tar
        docker tag bb-union:1.0 moved:1
        docker run --network none --name other bb-union:1.0 true
        docker commit other moved:1
        docker rmi nosuch
        docker rmi moved:1
    """,
    "volumes (4, 16)": """
        docker load -i bb.tar
        docker volume create v1
        docker volume ls
        docker run --network none --rm -v v1:/data bb-union:1.0 ls /data
        docker run --network none --rm -v v1:/data bb-union:1.0 sh -c 'echo new > /data/new'
        docker run --network none --rm -v v1:/data bb-union:1.0 cat /data/new
        docker run --network none --name cc -v /vol bb-union:1.0 sh -c 'echo x > /vol/x && echo y > /data/y'
        docker diff cc
        docker commit cc vol:1
        docker run --network none --rm vol:1 ls /vol
        docker run --network none --rm vol:1 cat /data/y
        docker run --network none --name user -v v1:/mnt bb-union:1.0 true
        docker volume rm v1
        docker rm user
        docker volume rm v1
        docker volume rm nosuch
        docker volume inspect nosuch
        docker rm -v cc
        docker volume ls
        docker run --network none -v rel/path:/x bb-union:1.0 true
        docker run --network none -v /x:rel bb-union:1.0 true
    """,
    "save, load, export, import (22)": """
        docker load -i bb.tar
        docker run --network none --name cc bb-union:1.0 sh -c 'echo x > /x'
        docker commit cc mine:1
        docker save -o s.tar mine:1
        docker save nosuch
        docker save -o /nodir/x mine:1
        docker export -o e.tar cc
        docker import -m mm -c 'CMD ["/bin/sh"]' e.tar imp:1
        docker history imp:1
        docker run --network none --rm imp:1 cat /x
        docker rm cc
        docker rmi mine:1
        docker load -i s.tar
        docker history mine:1
        docker run --network none --rm mine:1 cat /x
        docker load -i nosuch.tar
    """,
    "build, its cache and its layers (14, 17)": """
        docker load -i bb.tar
        docker build -t built:1 ctx
        docker build -t built:2 ctx
        docker history built:2
        docker images -f dangling=true
        docker build --target base -t tb ctx
        docker history tb
        docker history --no-trunc --format {{.CreatedBy}} tb
        docker inspect -f {{.Config.Cmd}}{{.Config.Env}}{{.Config.WorkingDir}}{{.Config.Volumes}}{{.Config.User}} tb
        docker run --network none --rm --entrypoint cat tb /app/run.txt
        docker build -f ctx/fails ctx
        docker build -f ctx/nofile ctx
        docker build -f ctx/unknown ctx
        docker build -f ctx/norun ctx
        docker build -q -t vv -f ctx/volume ctx
        docker run --network none --rm vv ls /v
        docker build nosuchdir
        docker build -f ctx/nosuch ctx
        docker build -t many -f ctx/many --build-arg WHO=you ctx
        docker history many
        docker run --network none --rm many
        docker run --network none --rm many ls /sub
        docker ps -a --format {{.Command}}{{.Image}}
    """,
    "secrets and rm stay in the layers (1, 2, 19)": """
        docker load -i bb.tar
        docker build -t grown -f ctx/grown ctx
        docker history grown
        docker inspect -f {{.Size}} grown
        docker history --format {{.Size}} grown
    """,
    "layers are not without limit (25)": """
        docker load -i bb.tar
        docker build -q -f ctx/deep ctx
    """,
    "what docker has, and what goes": """
        docker load -i bb.tar
        docker system df
        docker run --network none --name one bb-union:1.0 sh -c 'echo 12345 > /f'
        docker run -d --network none --name two -v vol:/data bb-union:1.0 sleep 500
        docker volume create loose
        docker ps -s
        docker ps -a -s --filter name=one
        docker commit one new:1
        docker commit -m again one new:1
        docker system df
        docker images -a
        docker image prune -f
        docker container prune -f
        docker ps -aq
        docker system df
        docker volume ls -f dangling=true
        docker volume prune -f
        docker image prune -a -f
        docker system prune -f
        docker rm -f two
        docker system prune -a -f --volumes
        docker images -a
        docker volume ls
    """,
    "cp": """
        docker load -i bb.tar
        docker create --network none --name cc bb-union:1.0 cat /hello.txt /sub2/deep/b
        docker cp ctx/hello.txt cc:/
        docker cp ctx/sub cc:/sub2
        docker cp ctx/hello.txt cc:/nosuch/
        docker cp ctx/nosuch cc:/
        docker cp nosuch:/x .
        docker cp cc:/nosuch .
        docker cp ctx/hello.txt cc:/nosuch/deeper/x
        docker cp cc:/hello.txt /nosuch/x
        docker start -a cc
        docker diff cc
    """,
    "inspect": """
        docker load -i bb.tar
        docker create --network none --name cc -v vol:/data -v /anon -v /srv:/srv:ro -e A=1 -l x=y \\
            --restart on-failure:3 -w /tmp bb-union:1.0 sleep 500
        docker start cc
        docker inspect -f {{.Name}}{{.Path}}{{.Args}}{{.RestartCount}}{{.Driver}} cc
        docker inspect -f {{.State.Status}}{{.State.Running}}{{.State.Paused}}{{.State.ExitCode}}{{.State.Error}} cc
        docker inspect -f {{len .HostConfig.Binds}}{{.HostConfig.NetworkMode}}{{.HostConfig.RestartPolicy.Name}} cc
        docker inspect -f {{.HostConfig.RestartPolicy.MaximumRetryCount}}{{.HostConfig.Privileged}} cc
        docker inspect -f {{.Config.Env}}{{.Config.Cmd}}{{.Config.WorkingDir}} cc
        docker inspect -f {{.Config.Labels}}{{.Config.Entrypoint}} cc
        docker inspect -f '{{range $i, $one := .Mounts}}{{$i}}{{$one.Driver}};{{end}}' bb-union:1.0
        docker inspect -f '{{json .Config.Volumes}} {{len .Mounts}} {{index .Config.Labels "x"}}' cc
        docker inspect -f '{{if .State.Running}}up{{else}}down{{end}}' cc
        docker inspect -f '{{.Nosuch}}' cc
        docker inspect -f '{{.State.Nosuch}}' cc
        docker inspect -f '{{' cc
        docker inspect -f '{{.Config.Cmd}}' bb-union:1.0
        docker image inspect cc
        docker container inspect bb-union:1.0
        docker volume inspect -f {{.Name}}{{.Driver}}{{.Scope}} vol
        docker pause cc
        docker ps
        docker exec cc true
        docker rm cc
        docker unpause cc
        docker kill cc
        docker ps -a
        docker restart cc
        docker exec -w /data cc pwd
        docker exec -e B=2 cc env
        docker exec -d cc sleep 1
        docker images --format {{.Nosuch}}
        docker images --format {{.Tag.X}}
        docker ps --format {{.Nosuch}}
        docker volume ls --format {{.Nosuch}}
        docker history --format {{.Nosuch}} bb-union:1.0
        docker images --format {{
        docker images --format {{json
        docker ps --format '{{.Names | upper}} {{.Image}} {{len .ID}}'
        docker ps --format 'table {{.Names}}\\t{{.Image}}'
        docker inspect -f '{{json .Config.Entrypoint}} {{.Config.Entrypoint}} {{.HostConfig.Binds}}' bb-union:1.0
        docker inspect -f '{{nosuch .Id}}' cc
        docker inspect -f '{{.Id' cc
        docker inspect -f {{.HostConfig.RestartPolicy.Name}} cc
    """,
    "wrong words": """
        docker nosuch
        docker images --nosuch
        docker images -z
        docker images a b
        docker ps --format
        docker run
        docker tag a
        docker commit
        docker rmi
        docker exec x
        docker pull Bad
        docker pull a:b:c
        docker inspect nosuch
        docker run --restart foo x
        docker run -p abc:80 x
        docker run --rm --restart always x
        docker ps -n x
        docker ps --all=maybe
        docker login -u x
        docker cp a b
        docker help nosuch
        docker image nosuch
        docker volume rm
        docker history nosuch
        docker create --name xy 127.0.0.1:1/bb
    """,
    "names and order (5, 6)": """
        docker load -i bb.tar
        docker create --network none --name c1 bb-union:1.0 echo hello
        docker start -a c1
        docker logs c1
        docker rename c1 c2
        docker wait c2
        docker kill c2
        docker pause c2
        docker top c2
        docker attach c2
        docker port c2
        docker create --network none --name c2 bb-union:1.0
        docker create --network none --name bad/name bb-union:1.0
        docker run --network none -e A=1 --entrypoint env bb-union:1.0
        docker run --network none --rm -w /nowhere/x bb-union:1.0 pwd
        docker run --network none --rm -u nosuch bb-union:1.0 true
        docker run --network none --rm bb-union:1.0 /etc
        docker run --network none BB:1
        docker rm c2 nosuch
        docker run -it --network none bb-union:1.0 sh
    """,
}  # fmt: skip


CONTEXT = {
    "hello.txt": "hello\n", "sub/a": "a\n", "sub/deep/b": "bb\n",
    "Dockerfile": """FROM bb-union:1.0 AS base
ARG WHO=me
ENV A=1 B="two words"
LABEL x=y
WORKDIR /app
COPY hello.txt ./
ADD hello.txt /added/
RUN echo hi > /app/run.txt
USER 1000
EXPOSE 80
VOLUME /vol
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["echo cmd"]

FROM bb-union:1.0
COPY --from=base /app/run.txt /run.txt
RUN cat /run.txt
""",
    "fails": "FROM bb-union:1.0\nRUN false\n", "nofile": "FROM bb-union:1.0\nCOPY nofile /\n",
    "unknown": "FROM bb-union:1.0\nFOO x\n", "norun": "RUN x\n",
    "volume": "FROM bb-union:1.0\nVOLUME /v\nRUN mkdir -p /v && echo x > /v/y\n",
    "many": """# a comment
FROM bb-union:1.0
ARG WHO
ENV WHO=${WHO:-nobody} \\
    # in between
    MORE=x
COPY sub /sub/
COPY hello.txt sub/a /both/
WORKDIR /w
WORKDIR x
CMD echo $WHO $MORE && pwd
""",
    "deep": "FROM bb-union:1.0\n" + "".join(f"COPY hello.txt /f{number}\n" for number in range(117)),
    "grown": """FROM bb-union:1.0
RUN echo secret > /secret && echo 0123456789 > /big
RUN rm /secret
RUN chmod 600 /big
""",
}
